//! Deliberate faults for the scenarios: safe to call, as recovery is what they are for.

use core::arch::asm;
use core::hint::black_box;

/// Reads from an address that no space maps.
#[inline(never)]
pub fn data_abort() -> u64 {
    let wild = black_box(0x2_dead_beef_0usize) as *const u64;
    // SAFETY: never completes; the kernel hands the fault to the runtime, which unwinds.
    unsafe { wild.read_volatile() }
}

/// Executes an instruction that does not exist.
#[inline(never)]
pub fn undefined() {
    // SAFETY: never completes, as above.
    unsafe { asm!("udf #0") }
}

/// Calls a function that is not there.
#[inline(never)]
pub fn wild_jump() {
    let nowhere = black_box(0x2_dead_bee0usize);
    // SAFETY: a function pointer that is only ever called to fault, as above.
    let function: fn() = unsafe { core::mem::transmute(nowhere) };
    function();
}
