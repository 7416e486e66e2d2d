//! The clock: time in ticks of a length that can be changed.

use super::{ask, name};
use crate::ipc::Slot;
use bramble_abi::Error;

pub const NAME: &str = "clock";

/// The reply: ticks since boot, length of a tick in nanoseconds.
pub const NOW: u64 = 1;
/// words: ticks per second, which is not checked: zero is a bug waiting to be found.
pub const SET_RATE: u64 = 2;

/// The client's side.
#[derive(Clone, Copy)]
pub struct Clock(Slot);

impl Clock {
    pub fn find() -> Clock {
        Clock(name::lookup(NAME))
    }

    /// Ticks since boot.
    pub fn now(self) -> Result<u64, Error> {
        ask(self.0, NOW, [0; 3]).map(|[ticks, ..]| ticks)
    }

    pub fn set_rate(self, ticks_per_second: u64) -> Result<(), Error> {
        ask(self.0, SET_RATE, [ticks_per_second, 0, 0]).map(drop)
    }
}
