//! The broker: lends what was deposited with it. Whoever deposits can take all of it back by
//! revoking what the deposit was derived from, however far it has travelled.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::collections::BTreeMap;
use bramble_runtime::ipc::{Reply, Request, Slot};
use bramble_runtime::protocol::broker::{BORROW, DEPOSIT, NAME};
use bramble_runtime::protocol::{Word, name};
use bramble_runtime::serve::{Service, serve};
use bramble_runtime::{Error, Mutex, println, rights};

static DEPOSITS: Mutex<BTreeMap<Word, Slot>> = Mutex::new(BTreeMap::new());

struct Broker;

pub fn run() {
    println!("server started");
    if let Err(error) = name::register(NAME) {
        println!("not registered: {error:?}");
    }
    serve(&Broker)
}

impl Service for Broker {
    fn serve(&self, request: &Request) -> Result<Reply, Error> {
        let name = Word(request.message.words[0]);
        match request.message.label {
            DEPOSIT => deposit(name, request.message.grant.ok_or(Error::InvalidSlot)?),
            BORROW => lend(name),
            _ => Err(Error::InvalidArgument),
        }
    }
}

fn deposit(name: Word, capability: Slot) -> Result<Reply, Error> {
    if let Some(replaced) = DEPOSITS.lock().insert(name, capability.keep()) {
        // It may be gone already: revoked by whoever deposited it.
        let _ = replaced.delete();
    }
    Ok(Reply::default())
}

/// Every borrower gets a capability of its own.
fn lend(name: Word) -> Result<Reply, Error> {
    let deposit = *DEPOSITS.lock().get(&name).ok_or(Error::NotFound)?;
    let loan = deposit.mint(rights::SEND | rights::GRANT, 0)?;
    Ok(Reply { words: [0; 3], grant: Some(loan) })
}
