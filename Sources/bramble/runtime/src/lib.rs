//! What every program at EL0 stands on: entry, system calls, heap, locks, recovery.
//!
//!     servers, user      no unsafe code
//!          |
//!     protocol           what servers understand, as typed calls
//!          |
//!     serve              request loop: catch, retry once, report
//!          |
//!     recovery           panic or fault -> bramble_unwind -> catch
//!          |
//!     lock, ledger, heap counted per thread, so that a recovery knows what it released
//!          |
//!     ipc, console       safe system calls
//!          |
//!     syscall, thread, start
#![no_std]
#![feature(lang_items, panic_can_unwind)]
#![allow(internal_features)]

extern crate alloc;

#[macro_use]
pub mod console;
pub mod fault;
mod heap;
mod image;
pub mod ipc;
mod ledger;
pub mod lock;
pub mod notification;
pub mod protocol;
mod recovery;
pub mod serve;
mod start;
mod syscall;
mod thread;

pub use bramble_abi::{Error, ObjectKind, Scenario, program, rights, slot};
pub use ipc::{Identity, Message, Request, Slot};
pub use lock::Mutex;
pub use notification::Notification;
pub use start::{instance, program_number};
pub use syscall::{ready, scenario, sleep, time, yield_now};
