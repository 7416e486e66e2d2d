//! Translation tables of address spaces: three levels, 4 KiB pages, 39-bit addresses.

use core::ptr;

use crate::address::{LINEAR, PAGE};

/// What EL0 may do with a page. Nothing is writable and executable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
    Execute,
}

const TABLE: u64 = 0b11;
const PAGE_DESCRIPTOR: u64 = 0b11;
const VALID: u64 = 1;
/// Normal memory, inner shareable, accessed, not global.
const NORMAL: u64 = 1 << 2 | 3 << 8 | 1 << 10 | 1 << 11;
const EL0: u64 = 1 << 6;
const READ_ONLY: u64 = 1 << 7;
const NEVER_AT_EL1: u64 = 1 << 53;
const NEVER_AT_EL0: u64 = 1 << 54;
const ADDRESS: u64 = 0x0000_ffff_ffff_f000;

impl Access {
    fn bits(self) -> u64 {
        match self {
            Access::Read => EL0 | READ_ONLY | NEVER_AT_EL0 | NEVER_AT_EL1,
            Access::Write => EL0 | NEVER_AT_EL0 | NEVER_AT_EL1,
            Access::Execute => EL0 | READ_ONLY | NEVER_AT_EL1,
        }
    }
}

/// Maps one page; tables in between are made of zeroed frames from `allocate`. `None` when that
/// has no more.
pub fn map(
    root: usize,
    address: u64,
    frame: usize,
    access: Access,
    allocate: fn() -> Option<usize>,
) -> Option<()> {
    let level2 = next_table(root, index(address, 1), allocate)?;
    let level3 = next_table(level2, index(address, 2), allocate)?;
    let descriptor = frame as u64 | NORMAL | access.bits() | PAGE_DESCRIPTOR;
    write(level3, index(address, 3), descriptor);
    Some(())
}

/// Unmaps one page; the frame that was mapped there. `forget_translation` has to follow.
pub fn unmap(root: usize, address: u64) -> Option<usize> {
    let table =
        (1..=2).try_fold(root, |table, level| existing_table(table, index(address, level)))?;
    let descriptor = read(table, index(address, 3));
    if address >> 39 != 0 || descriptor & VALID == 0 {
        return None;
    }
    write(table, index(address, 3), 0);
    Some((descriptor & ADDRESS) as usize)
}

/// The physical address behind an EL0 address, if EL0 may read it (and write it, if asked).
pub fn translate(root: usize, address: u64, write: bool) -> Option<usize> {
    if address >> 39 != 0 {
        return None;
    }
    let table =
        (1..=2).try_fold(root, |table, level| existing_table(table, index(address, level)))?;
    let descriptor = read(table, index(address, 3));
    let allowed =
        descriptor & VALID != 0 && descriptor & EL0 != 0 && (!write || descriptor & READ_ONLY == 0);
    allowed.then_some((descriptor & ADDRESS) as usize | (address as usize & (PAGE - 1)))
}

fn index(address: u64, level: usize) -> usize {
    (address >> (39 - 9 * level)) as usize & 0x1ff
}

fn existing_table(table: usize, index: usize) -> Option<usize> {
    let descriptor = read(table, index);
    (descriptor & TABLE == TABLE).then_some((descriptor & ADDRESS) as usize)
}

fn next_table(table: usize, index: usize, allocate: fn() -> Option<usize>) -> Option<usize> {
    let descriptor = read(table, index);
    if descriptor & VALID != 0 {
        return Some((descriptor & ADDRESS) as usize);
    }
    let frame = allocate()?;
    write(table, index, frame as u64 | TABLE);
    Some(frame)
}

fn read(table: usize, index: usize) -> u64 {
    // SAFETY: `table` is a frame of 512 entries, index() stays below 512, and the linear map
    // covers all frames.
    unsafe { ptr::read_volatile(((table + LINEAR) as *const u64).add(index)) }
}

fn write(table: usize, index: usize, descriptor: u64) {
    // SAFETY: as above. A new entry replaces an invalid one, so no stale translation exists; after
    // an unmapping, the caller throws the stale one away.
    unsafe { ptr::write_volatile(((table + LINEAR) as *mut u64).add(index), descriptor) }
}
