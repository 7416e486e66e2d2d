//! Asks alpha, which closes the circle alpha - beta - gamma - alpha: never answered.

use bramble_runtime::protocol::relay::{ALPHA, Relay};
use bramble_runtime::{println, ready};

pub fn run() {
    let alpha = Relay::find(ALPHA);
    ready();
    match alpha.consult(0) {
        Ok(asked) => println!("answered after {asked} servers"),
        Err(error) => println!("not answered: {error:?}"),
    }
}
