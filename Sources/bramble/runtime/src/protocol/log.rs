//! The log: a queue that nobody waits for.

use super::Word;
use crate::ipc::Slot;

/// words: text, value.
pub const NOTE: u64 = 1;

/// Leaves a note for the log server. If its queue is full, the note is lost and this is false.
pub fn note(text: &str, value: u64) -> bool {
    Slot::LOG.send(NOTE, [Word::new(text).0, value, 0]).is_ok()
}
