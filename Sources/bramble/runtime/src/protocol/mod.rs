//! What servers understand: labels of requests, and clients' side of each as a typed call.

pub mod archive;
pub mod broker;
pub mod clock;
pub mod console;
pub mod disk;
pub mod fs;
pub mod log;
pub mod memory;
pub mod name;
pub mod pantry;
mod piece;
pub mod relay;
mod word;

pub use piece::Piece;
pub use word::Word;

use crate::ipc::{Message, Slot};
use bramble_abi::Error;

/// A request without a capability in it.
fn ask(server: Slot, label: u64, words: [u64; 3]) -> Result<[u64; 3], Error> {
    server.call(&Message::new(label, words)).map(|reply| reply.words)
}
