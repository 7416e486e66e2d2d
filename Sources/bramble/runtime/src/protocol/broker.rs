//! The broker: capabilities that somebody deposits, for others to borrow.

use super::{Word, name};
use crate::ipc::{Message, Slot};
use bramble_abi::Error;

pub const NAME: &str = "broker";

/// words: name; grants what is to be lent under it. Replaces what was deposited before.
pub const DEPOSIT: u64 = 1;
/// words: name; the reply grants it.
pub const BORROW: u64 = 2;

/// The client's side.
#[derive(Clone, Copy)]
pub struct Broker(Slot);

impl Broker {
    pub fn find() -> Broker {
        Broker(name::lookup(NAME))
    }

    pub fn deposit(self, name: &str, capability: Slot) -> Result<(), Error> {
        let words = [Word::new(name).0, 0, 0];
        self.0.call(&Message { label: DEPOSIT, words, grant: Some(capability) }).map(drop)
    }

    pub fn borrow(self, name: &str) -> Result<Slot, Error> {
        let reply = self.0.call(&Message::new(BORROW, [Word::new(name).0, 0, 0]))?;
        reply.grant.ok_or(Error::NotFound)
    }
}
