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

mod account;
#[macro_use]
pub mod console;
pub mod fault;
mod heap;
mod image;
pub mod inspect;
pub mod ipc;
mod ledger;
pub mod lock;
pub mod memory;
pub mod misuse;
pub mod notification;
pub mod protocol;
mod recovery;
pub mod serve;
mod spawn;
mod start;
mod syscall;
mod thread;

pub use account::{Account, account};
pub use bramble_abi::{Cause, Error, ObjectKind, Outcome, Scenario, limit, program, rights, slot};
pub use ipc::{Identity, Message, Request, Slot};
pub use lock::Mutex;
pub use notification::Notification;
pub use spawn::{Spawned, spawn, spawn_light};
pub use start::{instance, program_number};
pub use syscall::{ready, scenario, sleep, time, yield_now};
