//! Lends the disk through the broker, takes it back while it is in use, and lends it again.

use bramble_runtime::protocol::broker::Broker;
use bramble_runtime::protocol::{disk, name};
use bramble_runtime::{Error, Slot, println, ready, rights, sleep};

pub fn run() {
    let disk = name::lookup(disk::NAME);
    match lend_twice(disk, Broker::find()) {
        Ok(taken) => println!("took {taken} capabilities back, and lent the disk again"),
        Err(error) => println!("cannot lend: {error:?}"),
    }
    ready();
    loop {
        sleep(1000);
    }
}

/// How many capabilities the revocation took.
fn lend_twice(disk: Slot, broker: Broker) -> Result<u64, Error> {
    let first = disk.mint(rights::SEND | rights::GRANT, 0)?;
    broker.deposit(disk::NAME, first)?;
    // By now everybody has borrowed, and waits for the disk.
    sleep(200);
    let taken = first.revoke()?;
    first.delete()?;
    sleep(100);
    broker.deposit(disk::NAME, disk.mint(rights::SEND | rights::GRANT, 0)?)?;
    Ok(taken)
}
