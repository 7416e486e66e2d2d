//! The name server: endpoints by name. Everybody else is found through it.

use super::Word;
use crate::ipc::{Message, Slot};
use crate::syscall::sleep;
use bramble_abi::{Error, rights};

/// words: name; grants the endpoint.
pub const REGISTER: u64 = 1;
/// words: name; the reply grants the endpoint.
pub const LOOKUP: u64 = 2;

/// Publishes the calling server's own endpoint.
pub fn register(name: &str) -> Result<(), Error> {
    // The right to receive stays here.
    let endpoint = Slot::OWN.mint(rights::SEND | rights::GRANT, 0)?;
    let words = [Word::new(name).0, 0, 0];
    let message = Message { label: REGISTER, words, grant: Some(endpoint) };
    Slot::NAME.call(&message).map(drop)
}

/// The endpoint of a server; waits until it has been registered.
pub fn lookup(name: &str) -> Slot {
    loop {
        if let Some(endpoint) = find(name) {
            return endpoint;
        }
        sleep(5);
    }
}

/// The endpoint of a server, if it has been registered.
pub fn find(name: &str) -> Option<Slot> {
    let message = Message::new(LOOKUP, [Word::new(name).0, 0, 0]);
    Slot::NAME.call(&message).ok()?.grant
}
