//! The disk: slow.

use super::{ask, name};
use crate::ipc::Slot;
use bramble_abi::Error;

pub const NAME: &str = "disk";

/// words: block number; the reply: checksum of the block.
pub const TRANSFER: u64 = 1;

/// The client's side.
#[derive(Clone, Copy)]
pub struct Disk(Slot);

impl Disk {
    pub fn find() -> Disk {
        Disk(name::lookup(NAME))
    }

    /// Reads a block; its checksum.
    pub fn transfer(self, block: u64) -> Result<u64, Error> {
        ask(self.0, TRANSFER, [block, 0, 0]).map(|[checksum, ..]| checksum)
    }
}
