//! Makes the pantry leak, and looks what is left of it.

use bramble_runtime::protocol::pantry::Pantry;
use bramble_runtime::{Error, println, ready, sleep};

pub fn run() {
    let pantry = Pantry::find();
    match pantry.hoard() {
        Err(Error::ServerFault) => println!("the pantry gave the request up"),
        other => println!("unexpected: {other:?}"),
    }
    // The ledger knew of the first locks. The last ones it did not know of stay shut.
    match pantry.look(0) {
        Ok(_) => println!("the first shelf can be reached again"),
        Err(error) => println!("the first shelf is lost: {error:?}"),
    }
    ready();
    loop {
        sleep(1000);
    }
}
