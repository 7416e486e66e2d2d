//! Asks the archive, which cannot answer any more: instance 0 waits for ever, the others only so
//! long.

use bramble_runtime::protocol::archive::Archive;
use bramble_runtime::{Error, instance, println, ready, sleep};

/// Nanoseconds.
const PATIENCE: u64 = 100_000_000;

pub fn run() {
    let archive = Archive::find();
    if instance() == 0 {
        ready();
        return println!("unexpected: {:?}", archive.count(0));
    }
    // After the one that waits for ever.
    sleep(50);
    match archive.count(PATIENCE) {
        Err(Error::TimedOut) => println!("did not wait any longer"),
        other => println!("unexpected: {other:?}"),
    }
    ready();
    println!("unexpected: {:?}", archive.count(0));
}
