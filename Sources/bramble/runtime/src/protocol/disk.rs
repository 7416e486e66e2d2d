//! The disk: a block device whose head is slow.

use super::{Piece, ask, name};
use crate::ipc::Slot;
use bramble_abi::Error;

pub const NAME: &str = "disk";

/// words: block number; the reply: checksum of the block, after the head has been there.
pub const TRANSFER: u64 = 1;
/// words: sector number; the reply: the sector.
pub const READ: u64 = 2;
/// words: sector number, the sector.
pub const WRITE: u64 = 3;

/// A sector is what fits a message: a `Piece`.
pub const SECTORS: u64 = 1024;

/// The client's side.
#[derive(Clone, Copy)]
pub struct Disk(Slot);

impl Disk {
    pub fn find() -> Disk {
        Disk(name::lookup(NAME))
    }

    /// The disk behind a capability that was not had from the name server.
    pub fn through(endpoint: Slot) -> Disk {
        Disk(endpoint)
    }

    /// Moves the head over a block; the block's checksum.
    pub fn transfer(self, block: u64) -> Result<u64, Error> {
        ask(self.0, TRANSFER, [block, 0, 0]).map(|[checksum, ..]| checksum)
    }

    pub fn read(self, sector: u64) -> Result<Piece, Error> {
        ask(self.0, READ, [sector, 0, 0]).map(|[low, high, _]| Piece::from_words([low, high]))
    }

    pub fn write(self, sector: u64, piece: Piece) -> Result<(), Error> {
        let [low, high] = piece.words();
        ask(self.0, WRITE, [sector, low, high]).map(drop)
    }
}
