//! What a program may do with the capabilities it was given: checked from where it matters, EL0.

use crate::expect::{expect, expect_error};
use alloc::format;
use alloc::string::String;
use bramble_runtime::{Error, Message, ObjectKind, Slot, rights};

pub fn check_authority() -> Result<(), String> {
    check_derivation()?;
    check_tree()?;
    check_stale_numbers()
}

/// Lends the name server's endpoint to itself, twice removed, and takes it back.
fn check_derivation() -> Result<(), String> {
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

/// Deleting and moving in the middle of a tree keep what hangs below.
fn check_tree() -> Result<(), String> {
    let root = expect("copy", Slot::NAME.copy())?;
    let left = expect("copy left", root.copy())?;
    let middle = expect("copy middle", root.copy())?;
    let right = expect("copy right", root.copy())?;
    let below = [expect("copy below", middle.copy())?, expect("copy below", middle.copy())?];
    let moved = expect("move", middle.relocate())?;
    expect_error("identify what has moved", middle.identify(), Error::InvalidSlot)?;
    expect("delete between siblings and children", moved.delete())?;
    for slot in [left, below[0], below[1], right] {
        expect("identify after deletion", slot.identify())?;
    }
    match expect("revoke", root.revoke())? {
        4 => {}
        count => return Err(format!("revoke took {count} capabilities back instead of 4")),
    }
    expect("delete", root.delete())
}

/// A number is good for one capability, not for whatever comes to its place.
fn check_stale_numbers() -> Result<(), String> {
    let first = expect("mint", Slot::NAME.mint(rights::SEND, 0))?;
    expect("delete", first.delete())?;
    let second = expect("mint again", Slot::NAME.mint(rights::SEND, 0))?;
    if first == second {
        return Err(String::from("a number was used twice"));
    }
    expect_error("delete a stale number", first.delete(), Error::InvalidSlot)?;
    expect_error("call a stale number", first.call(&Message::default()), Error::InvalidSlot)?;
    let identity = expect("identify", second.identify())?;
    if (identity.kind, identity.rights) != (ObjectKind::Endpoint, rights::SEND) {
        return Err(format!("identified as {identity:?}"));
    }
    expect("delete", second.delete())
}
