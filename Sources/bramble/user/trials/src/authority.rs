//! What a program may do with the capabilities it was given: checked from where it matters, EL0.

use crate::expect::{expect, expect_error};
use alloc::format;
use alloc::string::String;
use bramble_runtime::{Error, Message, Slot, rights};

/// Lends the name server's endpoint to itself, twice removed, and takes it back.
pub fn check_authority() -> Result<(), String> {
    let lent = expect("mint", Slot::NAME.mint(rights::SEND | rights::GRANT, 0))?;
    let lent_on = expect("mint from minted", lent.mint(rights::SEND, 0))?;
    expect_error("mint without the right to", lent_on.mint(rights::SEND, 0), Error::MissingRights)?;
    expect_error("receive from an empty slot", Slot::OWN.receive(), Error::InvalidSlot)?;
    expect_error("receive without the right to", lent.receive(), Error::MissingRights)?;
    expect_error("queue for no queue", lent.send(0, [0; 3]), Error::WrongObject)?;
    match expect("revoke", lent.revoke())? {
        1 => {}
        count => return Err(format!("revoke took {count} capabilities back instead of 1")),
    }
    expect_error("call after revocation", lent_on.call(&Message::default()), Error::InvalidSlot)?;
    // The server itself refuses a label that it does not know.
    expect_error("call", lent.call(&Message::default()), Error::InvalidArgument)?;
    expect("delete", lent.delete())?;
    expect_error("call after deletion", lent.call(&Message::default()), Error::InvalidSlot)
}
