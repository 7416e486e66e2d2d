//! Physical memory: the linear map and the frames that spaces are made of.

use core::slice;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use alloc::vec::Vec;

use crate::arch;
pub use crate::arch::address::{LINEAR, PAGE};
use crate::arch::board::RAM;
use crate::sync::Mutex;

/// Physical address of the kernel's translation table (TTBR1).
pub static KERNEL_ROOT: AtomicUsize = AtomicUsize::new(0);

/// Frames after the kernel's image.
pub static FRAMES: Mutex<Frames> = Mutex::new(Frames { next: 0, end: 0, free: Vec::new() });

pub struct Frames {
    /// First frame that was never handed out.
    next: usize,
    end: usize,
    /// Frames that came back.
    free: Vec<usize>,
}

unsafe extern "C" {
    static __kernel_end: u8;
}

pub fn initialise(end: usize) {
    let kernel_end = (&raw const __kernel_end).addr() - LINEAR;
    *FRAMES.lock() = Frames { next: kernel_end.next_multiple_of(PAGE), end, free: Vec::new() };
    KERNEL_ROOT.store(arch::kernel_root(), Ordering::Relaxed);
}

pub fn mebibytes() -> usize {
    (FRAMES.lock().end - RAM) >> 20
}

/// A zeroed frame, by physical address.
pub fn allocate_frame() -> Option<usize> {
    let mut frames = FRAMES.lock();
    let frame = match frames.free.pop() {
        Some(frame) => frame,
        None if frames.next < frames.end => {
            frames.next += PAGE;
            frames.next - PAGE
        }
        None => return None,
    };
    frame_bytes(frame).fill(0);
    Some(frame)
}

pub fn free_frame(frame: usize) {
    FRAMES.lock().free.push(frame);
}

/// The bytes of a frame that the caller owns.
pub fn frame_bytes(frame: usize) -> &'static mut [u8] {
    assert!(frame.is_multiple_of(PAGE) && frame >= RAM);
    // SAFETY: the linear map covers all RAM. Frames hold EL0 pages and translation tables, which
    // no Rust reference of the kernel points to; the kernel lock serialises the accesses.
    unsafe { slice::from_raw_parts_mut((frame + LINEAR) as *mut u8, PAGE) }
}

/// A word of a frame that a space has mapped: EL0 changes it as it likes.
pub fn word(physical: usize) -> &'static AtomicU64 {
    assert!(physical.is_multiple_of(align_of::<AtomicU64>()));
    // SAFETY: as above, and whatever is there is a number.
    unsafe { &*((physical + LINEAR) as *const AtomicU64) }
}
