//! Interrupts: each CPU's timer, signals between CPUs, lines of devices; and, apart from them, fast
//! interrupts, which the kernel never masks for long: they stop it for the debugger.

#[cfg(board = "raspi3b")]
mod bcm2836;
#[cfg(not(board = "raspi3b"))]
mod gic;

#[cfg(board = "raspi3b")]
pub use bcm2836::*;
#[cfg(not(board = "raspi3b"))]
pub use gic::*;

/// Why a CPU was interrupted.
pub enum Interrupt {
    /// Its deadline has passed.
    Timer,
    /// Another CPU has called `notify`.
    Signal,
    /// The device on this line. It asks again at once unless it is served or its line disabled.
    Device(u32),
    /// Nobody any more.
    Spurious,
}
