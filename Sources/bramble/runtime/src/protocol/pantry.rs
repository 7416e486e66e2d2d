//! The pantry of the scenario `leaky-recovery`.

use super::{ask, name};
use crate::ipc::Slot;
use bramble_abi::Error;

pub const NAME: &str = "pantry";

/// Takes more than the ledger has room for, and faults.
pub const HOARD: u64 = 1;
/// words: number of a shelf; the reply: what is on it.
pub const LOOK: u64 = 2;

/// Shelves, each with a lock of its own: more than the ledger has room for.
pub const SHELVES: usize = 12;

/// The client's side.
#[derive(Clone, Copy)]
pub struct Pantry(Slot);

impl Pantry {
    pub fn find() -> Pantry {
        Pantry(name::lookup(NAME))
    }

    pub fn hoard(self) -> Result<(), Error> {
        ask(self.0, HOARD, [0; 3]).map(drop)
    }

    pub fn look(self, shelf: u64) -> Result<u64, Error> {
        ask(self.0, LOOK, [shelf, 0, 0]).map(|[content, ..]| content)
    }
}
