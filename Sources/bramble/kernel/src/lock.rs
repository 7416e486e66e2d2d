//! The kernel lock: one CPU at a time works in the kernel.
//!
//! Whoever comes first when it is released takes it: an orderly queue would stand still whenever
//! the host has no time for the virtual CPU whose turn it is. A CPU that waits for the lock has
//! saved the registers of what it ran; `quiesce` relies on that: when all others wait, the whole
//! machine stands still with every register in memory.

use core::hint;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::{arch, cpu};

static LOCKED: AtomicBool = AtomicBool::new(false);
static WAITING: [AtomicBool; cpu::MAXIMUM] = [const { AtomicBool::new(false) }; cpu::MAXIMUM];
/// The CPU that panicked, plus 1; 0 as long as none did.
static PANICKED: AtomicUsize = AtomicUsize::new(0);

pub fn enter() {
    let waiting = &WAITING[arch::cpu_id()];
    waiting.store(true, Ordering::Release);
    while LOCKED.swap(true, Ordering::Acquire) {
        while LOCKED.load(Ordering::Relaxed) {
            if PANICKED.load(Ordering::Relaxed) != 0 {
                arch::halt();
            }
            hint::spin_loop();
        }
    }
    waiting.store(false, Ordering::Release);
}

pub fn leave() {
    LOCKED.store(false, Ordering::Release);
}

/// Waits until every other CPU waits for the kernel lock, which the caller holds. They go on when
/// the caller leaves.
pub fn quiesce() {
    for other in (0..cpu::online()).filter(|&other| other != arch::cpu_id()) {
        arch::interrupts::notify(other);
        while !WAITING[other].load(Ordering::Acquire) {
            hint::spin_loop();
        }
    }
}

/// Whose panic it is.
pub enum Panic {
    /// The first of this kernel.
    First,
    /// Another one on the CPU that panicked first.
    Again,
    /// Another CPU's: it can only halt.
    Elsewhere,
}

/// Takes the machine down with a panic: the other CPUs halt at their next trap.
pub fn panicked() -> Panic {
    let own = arch::cpu_id() + 1;
    match PANICKED.compare_exchange(0, own, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => {
            for other in (0..cpu::online()).filter(|&other| other != arch::cpu_id()) {
                arch::interrupts::notify(other);
            }
            Panic::First
        }
        Err(first) if first == own => Panic::Again,
        Err(_) => Panic::Elsewhere,
    }
}
