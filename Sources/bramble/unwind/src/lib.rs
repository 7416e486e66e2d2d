//! Recovery by unwinding: a small unwinder that starts at *any* instruction, not only at a call.
//!
//! A panic is a call, and so is every frame below it; a hardware fault is not. This unwinder takes
//! the registers at the fault, looks up the call frame information and the landing pads for exactly
//! that instruction, and enters the pads of every frame, innermost first, until a `catch`:
//!
//!     fault ──► FDE of pc ──► landing pad? ── yes ─► land ─► drops run ─► _Unwind_Resume ─┐
//!                  ▲               │ no                                                  │
//!                  └──── caller ◄──┴─────────────────────────────────────────────────────┘
//!
//! It has one phase (nothing is searched before pads run, as no one is there to ask), never calls
//! a personality routine, allocates nothing, and is total: tables are slices with checked reads,
//! the stack is a range with checked reads, frames and pads are counted. Damaged input is an
//! `Error`, not a second fault and not an endless loop.
#![no_std]
#![feature(core_intrinsics)]
#![cfg_attr(target_os = "none", feature(lang_items))]
#![allow(internal_features)]

mod catch;
mod frame;
#[cfg(target_arch = "aarch64")]
mod landing;
mod lsda;
mod reader;
mod rules;
mod tables;
#[cfg(test)]
mod tests;
mod unwinding;

pub use catch::catch;
pub use frame::{Registers, Stack};
#[cfg(target_arch = "aarch64")]
pub use landing::capture;
pub use reader::Section;
pub use tables::Tables;
pub use unwinding::{Origin, RECORDED_PADS, Unwinding};

/// Why an unwinding cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// A table ends in the middle of something, or an offset leads out of it.
    Truncated,
    /// A table contradicts itself.
    Malformed,
    UnknownEncoding(u8),
    UnknownInstruction(u8),
    /// No call frame information for this pc.
    NoEntry(u64),
    /// A frame seems to be, or to have saved something, outside the thread's stack.
    OutsideStack(u64),
    /// More frames or landing pads than any sane thread has.
    TooDeep,
    /// The outermost frame is reached: nothing catches.
    EndOfStack,
}
