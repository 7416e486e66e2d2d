//! Asks alpha too, when it is already waiting for itself.

use bramble_runtime::protocol::relay::{ALPHA, Relay};
use bramble_runtime::{println, ready, sleep};

pub fn run() {
    let alpha = Relay::find(ALPHA);
    sleep(60);
    ready();
    match wait_in_line(alpha) {
        Ok(asked) => println!("answered after {asked} servers"),
        Err(error) => println!("not answered: {error:?}"),
    }
}

fn wait_in_line(alpha: Relay) -> Result<u64, bramble_runtime::Error> {
    alpha.consult(0)
}
