//! The console server: lines that somebody types.

use super::{Piece, Word, ask, name};
use crate::ipc::Slot;
use alloc::vec::Vec;
use bramble_abi::Error;

pub const NAME: &str = "console";

/// words: a prompt; the reply: byte count (at most 16, fewer at the end of a line only), the bytes.
/// The first request waits until the line has been typed, and may be `Cancelled`; the others fetch
/// the rest of it.
pub const READ: u64 = 1;

/// Characters of a line; what is typed beyond is refused with a bell.
pub const LONGEST_LINE: usize = 120;

/// The client's side.
#[derive(Clone, Copy)]
pub struct Console(Slot);

impl Console {
    pub fn find() -> Console {
        Console(name::lookup(NAME))
    }

    /// Waits for a line; without its end.
    ///
    /// # Errors
    /// `Cancelled` if it was given up with ^C.
    pub fn read_line(self, prompt: &str) -> Result<Vec<u8>, Error> {
        let mut line = Vec::new();
        loop {
            let [count, low, high] = ask(self.0, READ, [Word::new(prompt).0, 0, 0])?;
            let bytes = Piece::from_words([low, high]).0;
            let count = (count as usize).min(bytes.len());
            line.extend_from_slice(&bytes[..count]);
            if count < bytes.len() {
                return Ok(line);
            }
        }
    }
}
