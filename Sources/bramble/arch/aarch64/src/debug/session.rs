//! What lasts from stop to stop. It belongs to the owner (see `halt`).

use core::arch::asm;
use core::cell::UnsafeCell;
use core::hint;

use bramble_stub::Stub;

use super::breakpoints::Breakpoints;
use super::halt;
use super::target::Machine;

pub struct Session {
    pub stub: Stub,
    pub breakpoints: Breakpoints,
}

struct Shared(UnsafeCell<Session>);

// SAFETY: reached through the functions below only, by one CPU at a time.
unsafe impl Sync for Shared {}

static SESSION: Shared =
    Shared(UnsafeCell::new(Session { stub: Stub::new(), breakpoints: Breakpoints::new() }));

impl Session {
    /// Prints on the debugger's console, if the debugger is there and waits.
    pub fn print(&mut self, text: &[u8]) -> bool {
        let takes_output = self.stub.takes_output();
        if takes_output {
            self.stub.print(&mut Machine { breakpoints: &mut self.breakpoints }, text);
        }
        takes_output
    }
}

/// Works on the session.
///
/// # Safety
/// This CPU is the owner, and does not call this function in `work`.
pub unsafe fn with<R>(work: impl FnOnce(&mut Session) -> R) -> R {
    // SAFETY: as the caller says.
    work(unsafe { &mut *SESSION.0.get() })
}

/// Works on the session from the running kernel: as the owner, but without stopping anybody. An
/// owner who wants this CPU to stand still comes first.
pub fn with_owned<R>(work: impl FnOnce(&mut Session) -> R) -> R {
    let masks: u64;
    // SAFETY: reads which exceptions are masked.
    unsafe { asm!("mrs {}, daif", out(reg) masks, options(nomem, nostack, preserves_flags)) };
    loop {
        // SAFETY: whoever owns may not be stopped by a fast interrupt, which would want to own.
        unsafe { asm!("msr daifset, #9", options(nostack, preserves_flags)) };
        if halt::own() {
            break;
        }
        set_masks(masks);
        hint::spin_loop();
    }
    // SAFETY: the owner is this CPU, and entries into the debugger are masked.
    let result = unsafe { with(work) };
    halt::disown();
    set_masks(masks);
    result
}

fn set_masks(masks: u64) {
    // SAFETY: back to what the caller had.
    unsafe { asm!("msr daif, {}", in(reg) masks, options(nostack, preserves_flags)) }
}
