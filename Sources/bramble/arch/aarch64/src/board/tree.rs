//! The device tree: as much of it as bramble needs.

use core::slice;

use super::{Machine, virt::RAM};
use crate::address::LINEAR;

const LARGEST: usize = 0x10_0000;
const MAGIC: u32 = 0xd00d_feed;

const BEGIN_NODE: u32 = 1;
const END_NODE: u32 = 2;
const PROPERTY: u32 = 3;
const NOP: u32 = 4;

/// Walks the structure block; `None` as soon as something lies outside.
pub fn read(machine: &mut Machine) -> Option<()> {
    let header = bytes(8);
    if word(header, 0)? != MAGIC {
        return None;
    }
    let bytes = bytes(LARGEST.min(word(header, 4)? as usize));
    let strings = word(bytes, 12)? as usize;
    let mut at = word(bytes, 8)? as usize;
    let mut node: &[u8] = &[];
    loop {
        let token = word(bytes, at)?;
        at += 4;
        match token {
            BEGIN_NODE => {
                node = until_zero(bytes.get(at..)?)?;
                at += (node.len() + 1).next_multiple_of(4);
                if node.starts_with(b"cpu@") {
                    machine.cpus += 1;
                }
            }
            PROPERTY => {
                let length = word(bytes, at)? as usize;
                let name = strings.checked_add(word(bytes, at + 4)? as usize)?;
                let name = until_zero(bytes.get(name..)?)?;
                let value = bytes.get(at + 8..(at + 8).checked_add(length)?)?;
                at += 8 + length.next_multiple_of(4);
                property(machine, node, name, value);
            }
            END_NODE | NOP => {}
            _ => return Some(()),
        }
    }
}

fn property(machine: &mut Machine, node: &[u8], name: &[u8], value: &'static [u8]) {
    if node == b"chosen" && name == b"bootargs" {
        machine.arguments = until_zero(value).unwrap_or(value);
    } else if node.starts_with(b"memory@") && name == b"reg" {
        // Two cells each: base, size. The kernel's linear map ends at 2 GiB.
        if let (Some(base), Some(size)) = (double_word(value, 0), double_word(value, 8))
            && base == RAM
        {
            machine.memory_end = base.saturating_add(size).min(0x8000_0000);
        }
    }
}

/// The first bytes of RAM, where QEMU leaves the tree. The first MiB is never handed out as frames.
fn bytes(count: usize) -> &'static [u8] {
    // SAFETY: nobody writes there, and the linear map covers all RAM.
    unsafe { slice::from_raw_parts((RAM + LINEAR) as *const u8, count) }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..)?.first_chunk().copied()?))
}

fn double_word(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u64::from_be_bytes(bytes.get(at..)?.first_chunk().copied()?) as usize)
}

fn until_zero(bytes: &[u8]) -> Option<&[u8]> {
    bytes.split(|&byte| byte == 0).next()
}
