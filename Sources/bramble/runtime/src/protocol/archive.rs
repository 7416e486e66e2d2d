//! The archive of the scenario `orphaned-lock`: documents behind one lock.

use super::name;
use crate::ipc::{Message, Slot};
use bramble_abi::Error;

pub const NAME: &str = "archive";

/// The reply: how many documents there are.
pub const COUNT: u64 = 1;

/// The client's side.
#[derive(Clone, Copy)]
pub struct Archive(Slot);

impl Archive {
    pub fn find() -> Archive {
        Archive(name::lookup(NAME))
    }

    /// Waits for the answer, at most `patience` nanoseconds (0: for ever).
    pub fn count(self, patience: u64) -> Result<u64, Error> {
        let reply = self.0.call_within(&Message::new(COUNT, [0; 3]), patience)?;
        Ok(reply.words[0])
    }
}
