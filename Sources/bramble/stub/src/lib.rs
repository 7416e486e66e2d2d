//! A stub for the GDB remote serial protocol, to be put into a kernel: it parses packets, answers
//! them, and knows of the machine only what the trait `Target` says (GDB manual, "Remote Protocol").
//!
//! It must work when the rest of the kernel does not: no heap, no locks, no panic on any input,
//! buffers of fixed size.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

mod breakpoints;
mod crc;
mod description;
mod hex;
mod memory;
mod packet;
mod queries;
mod registers;
mod reply;
mod resume;
mod stop;
mod stub;
mod target;
#[cfg(test)]
mod tests;

pub use breakpoints::BreakpointKind;
pub use description::{CORE_REGISTERS, SYSTEM_REGISTERS};
pub use resume::{Action, Resumption};
pub use stop::{Cause, Stop, signal};
pub use stub::{Stub, Wish};
pub use target::{MOST_CPUS, Refusal, Target};
