//! A debugger in the kernel: it speaks the GDB remote protocol over a serial port, with every CPU
//! standing still, and uses nothing that the kernel may have broken: stacks of its own, no lock, no
//! heap, and memory through a window of its own, where a fault is only an answer.
//!
//! It is entered by fast interrupts, which the kernel masks for a few instructions at most, by debug
//! exceptions, and by calls.

use core::arch::asm;

mod breakpoints;
mod context;
mod halt;
mod hardware;
mod memory;
mod port;
mod session;
mod target;
pub(crate) mod trap;

pub(crate) use breakpoints::BREAKPOINT;
pub(crate) use context::AREAS;

/// Opens the port. Where it is the console's, the console's output then goes through the debugger,
/// and its input is gone: only if that `is_asked` for.
pub fn initialise(is_asked: bool) {
    if is_asked || !port::IS_CONSOLE {
        port::open();
    }
}

/// This CPU can be stopped from now on.
pub fn initialise_cpu() {
    hardware::load(false);
    halt::come_online();
    // SAFETY: debug exceptions and fast interrupts on; both have their vectors and stacks.
    unsafe { asm!("msr daifclr, #9", options(nostack, preserves_flags)) }
}

/// Stops for the debugger, if there is a port.
pub fn call() {
    // SAFETY: entry.s saves and restores everything.
    unsafe { asm!("brk #{}", const trap::CALL, options(nostack, preserves_flags)) }
}

/// Stops for the debugger, if there is a port: the kernel has come to its end.
pub fn call_fatal() {
    // SAFETY: as above.
    unsafe { asm!("brk #{}", const trap::CALL_FATAL, options(nostack, preserves_flags)) }
}

/// Is somebody debugging?
pub fn is_attached() -> bool {
    port::is_open() && session::with_owned(|session| session.stub.is_attached())
}

/// Has the debugger taken the console's port?
pub fn has_console() -> bool {
    port::IS_CONSOLE && port::is_open()
}

/// Prints on the debugger's console; false if there is nobody to read it, or another console.
pub fn print(text: &[u8]) -> bool {
    has_console() && session::with_owned(|session| session.print(text))
}
