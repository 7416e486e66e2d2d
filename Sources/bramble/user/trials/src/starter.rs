//! Makes the request that closes a circle: alpha - beta - gamma - alpha, or delta - epsilon -
//! delta. Never answered.

use bramble_runtime::protocol::relay::{ALPHA, DELTA, Relay};
use bramble_runtime::{instance, println, ready};

pub fn run() {
    let first = Relay::find(if instance() == 0 { ALPHA } else { DELTA });
    ready();
    match first.consult(0) {
        Ok(asked) => println!("answered after {asked} servers"),
        Err(error) => println!("not answered: {error:?}"),
    }
}
