//! The pantry: a request that takes more than the ledger has room for, hides it from the compiler,
//! and faults. No landing pad knows of it, and the ledger of a part only: the rest is lost, and the
//! recovery says so.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::boxed::Box;
use bramble_runtime::ipc::{Reply, Request, Slot};
use bramble_runtime::protocol::name;
use bramble_runtime::protocol::pantry::{HOARD, LOOK, NAME, SHELVES};
use bramble_runtime::serve::{Service, serve};
use bramble_runtime::{Error, Mutex, println, rights};

static STOCK: [Mutex<u64>; SHELVES] = [const { Mutex::new(1) }; SHELVES];

/// Capabilities that one request takes: more than the ledger has room for.
const TICKETS: usize = 20;
/// Heap blocks that nobody will know of.
const JARS: u64 = 3;

struct Pantry;

pub fn run() {
    println!("server started");
    if let Err(error) = name::register(NAME) {
        println!("not registered: {error:?}");
    }
    serve(&Pantry)
}

impl Service for Pantry {
    fn serve(&self, request: &Request) -> Result<Reply, Error> {
        match request.message.label {
            HOARD => hoard(),
            LOOK => look(request.message.words[0]),
            _ => Err(Error::InvalidArgument),
        }
    }

    /// Once is enough.
    fn is_repeatable(&self, request: &Request) -> bool {
        request.message.label != HOARD
    }
}

fn hoard() -> Result<Reply, Error> {
    for shelf in &STOCK {
        core::mem::forget(shelf.lock());
    }
    for _ in 0..TICKETS {
        Slot::OWN.mint(rights::SEND, 0)?;
    }
    for jar in 0..JARS {
        core::mem::forget(Box::new(jar));
    }
    panic!("the pantry is empty")
}

/// A shelf whose lock was lost is out of reach, and says so by another fault.
fn look(shelf: u64) -> Result<Reply, Error> {
    let shelf = usize::try_from(shelf).ok().and_then(|shelf| STOCK.get(shelf));
    let content = *shelf.ok_or(Error::NotFound)?.lock();
    Ok(Reply::new([content, 0, 0]))
}
