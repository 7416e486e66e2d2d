//! Uses what it has borrowed until it is taken back, and borrows again.

use bramble_runtime::protocol::broker::Broker;
use bramble_runtime::protocol::disk::{self, Disk};
use bramble_runtime::{Error, Slot, println, ready, sleep};

pub fn run() {
    let broker = Broker::find();
    let first = borrow(broker);
    match use_up(first) {
        Error::Cancelled => println!("taken back while it waited"),
        Error::InvalidSlot => println!("taken back between two calls"),
        error => println!("unexpected: {error:?}"),
    }
    let second = borrow(broker);
    match Disk::through(first).transfer(0) {
        Err(Error::InvalidSlot) if first != second => println!("what was borrowed first is stale"),
        other => println!("what was borrowed first gives {other:?}"),
    }
    ready();
    println!("unexpected: {:?}", use_up(second));
}

/// Waits until there is something to borrow.
fn borrow(broker: Broker) -> Slot {
    loop {
        match broker.borrow(disk::NAME) {
            Ok(slot) => return slot,
            Err(_) => sleep(20),
        }
    }
}

/// Transfers blocks until that fails.
fn use_up(disk: Slot) -> Error {
    loop {
        if let Err(error) = Disk::through(disk).transfer(1) {
            return error;
        }
    }
}
