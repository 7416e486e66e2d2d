//! Asks the clock, sleeps, leaves a note; oftener than the log server can write.

use bramble_runtime::protocol::clock::Clock;
use bramble_runtime::protocol::log;
use bramble_runtime::{println, ready, sleep};

pub fn run() {
    let clock = Clock::find();
    let mut latest = 0;
    for round in 0u64.. {
        match clock.now() {
            Ok(ticks) if ticks < latest => println!("clock runs backwards: {latest}, {ticks}"),
            Ok(ticks) => latest = ticks,
            Err(error) => println!("no time: {error:?}"),
        }
        log::note("tick", latest);
        if round == 8 {
            // By now the log's queue has been filled faster than it is drained.
            ready();
        }
        sleep(5);
    }
}
