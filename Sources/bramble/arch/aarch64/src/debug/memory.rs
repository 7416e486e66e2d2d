//! Memory as the debugger reaches it: any address of any CPU, mapped or not writable, without ever
//! faulting for good.

use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering};

use crate::address::{LINEAR, PAGE};
use crate::board;

/// What an access left behind.
#[repr(C)]
struct Access {
    value: u64,
    has_failed: u64,
}

unsafe extern "C" {
    // In entry.s: a fault in these is an answer.
    fn debug_load_byte(address: usize) -> Access;
    fn debug_load_word(address: usize) -> Access;
    fn debug_store_byte(address: usize, value: u64) -> Access;
    fn debug_store_word(address: usize, value: u64) -> Access;
}

/// The entry of the kernel's first table that maps the window: 1 GiB of physical memory, writable.
const SLOT: usize = 256;
const GIB: u64 = 1 << 30;
const WINDOW: usize = LINEAR + SLOT * GIB as usize;
/// Blocks that are never executable: device memory, and normal memory.
const DEVICE: u64 = 0x0060_0000_0000_0401;
const NORMAL: u64 = 0x0060_0000_0000_0705;

/// What the window shows; 0 for nothing.
static SHOWN: AtomicU64 = AtomicU64::new(0);

const PHYSICAL: u64 = 0x0000_ffff_ffff_f000;

/// The physical address behind one that a CPU uses whose lower half is `user_root`.
pub fn translate(user_root: u64, address: u64) -> Option<u64> {
    let result: u64;
    // SAFETY: asks the MMU; the lower half, which the kernel does not use, is exchanged meanwhile.
    unsafe {
        asm!(
            "mrs {own}, ttbr0_el1", "msr ttbr0_el1, {root}", "isb", "tlbi vmalle1", "dsb nsh", "isb",
            "at s1e1r, {address}", "isb", "mrs {result}, par_el1",
            "msr ttbr0_el1, {own}", "isb", "tlbi vmalle1", "dsb nsh", "isb",
            own = out(reg) _, root = in(reg) user_root, address = in(reg) address,
            result = out(reg) result, options(nostack, preserves_flags)
        )
    }
    let page = PAGE as u64 - 1;
    (result & 1 == 0).then_some(result & PHYSICAL | address & page)
}

/// Reads physical memory; returns how many bytes answered.
pub fn read(physical: u64, bytes: &mut [u8]) -> usize {
    let mut done = 0;
    while done < bytes.len() {
        let address = show(physical + done as u64);
        let count = if is_word(address, bytes.len() - done) { 4 } else { 1 };
        // SAFETY: the window shows what is there; nothing of Rust is changed.
        let access =
            unsafe { if count == 4 { debug_load_word(address) } else { debug_load_byte(address) } };
        if access.has_failed != 0 {
            break;
        }
        bytes[done..done + count].copy_from_slice(&access.value.to_le_bytes()[..count]);
        done += count;
    }
    done
}

/// Writes physical memory, code as well; false if some of it did not answer.
pub fn write(physical: u64, bytes: &[u8]) -> bool {
    let mut done = 0;
    while done < bytes.len() {
        let address = show(physical + done as u64);
        let count = if is_word(address, bytes.len() - done) { 4 } else { 1 };
        let mut value = [0; 8];
        value[..count].copy_from_slice(&bytes[done..done + count]);
        let value = u64::from_le_bytes(value);
        // SAFETY: whoever debugs a kernel may change all of it.
        let access = unsafe {
            if count == 4 {
                debug_store_word(address, value)
            } else {
                debug_store_byte(address, value)
            }
        };
        if access.has_failed != 0 {
            return false;
        }
        done += count;
    }
    crate::synchronise_code();
    true
}

/// Registers of devices want whole words.
fn is_word(address: usize, left: usize) -> bool {
    address.is_multiple_of(4) && left >= 4
}

/// Where the window shows this physical address.
fn show(physical: u64) -> usize {
    let kind = if board::is_ram(physical) { NORMAL } else { DEVICE };
    set(kind | physical & !(GIB - 1));
    WINDOW + (physical & (GIB - 1)) as usize
}

/// Closes the window.
pub fn hide() {
    set(0);
}

fn set(descriptor: u64) {
    if SHOWN.swap(descriptor, Ordering::Relaxed) == descriptor {
        return;
    }
    // SAFETY: an entry that nobody else uses; stale translations of this CPU, the only one that
    // looks through the window, are thrown away.
    unsafe {
        let entry = ((crate::kernel_root() + LINEAR) as *mut u64).add(SLOT);
        entry.write_volatile(0);
        asm!("dsb ishst", "tlbi vmalle1", "dsb nsh", "isb", options(nostack, preserves_flags));
        entry.write_volatile(descriptor);
        asm!("dsb ishst", "isb", options(nostack, preserves_flags));
    }
}
