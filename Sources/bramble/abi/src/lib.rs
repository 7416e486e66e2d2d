//! The contract between bramble's kernel and everything at EL0.
//!
//! A system call is `svc #0` with the call number in x8, arguments in x0..x7, results in x0..x7.
//! x0 is always the status (`Error` as u64, 0 = success). All other registers are preserved.
//!
//! A thread starts at its image's entry point with x0 = its program number (`program`), x1 = its
//! instance (0, 1, ... when a scenario starts one program several times), x2 = its own number and its
//! stack in sp; the other registers are zero. Its domain holds the capabilities of `slot`. Everything is compiled
//! for a target without floating-point registers: they are not part of a thread's context.
#![no_std]
#![forbid(unsafe_code)]

#[macro_use]
mod number;

mod call;
mod error;
mod fault;
pub mod inspect;
pub mod layout;
pub mod limit;
pub mod lock;
mod object;
pub mod program;
pub mod rights;
mod scenario;
pub mod slot;

pub use call::Call;
pub use error::Error;
pub use fault::{Cause, FaultFrame, Level, Outcome, REPORTED_PADS, RecoveryReport};
pub use object::ObjectKind;
pub use scenario::Scenario;
