//! The clock.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::boxed::Box;
use bramble_runtime::ipc::{Reply, Request};
use bramble_runtime::protocol::clock::{NAME, NOW, SET_RATE};
use bramble_runtime::protocol::name;
use bramble_runtime::serve::{Restart, Service, serve};
use bramble_runtime::{Error, Mutex, println, time};

const SECOND: u64 = 1_000_000_000;

/// Nanoseconds of a tick.
static TICK: Mutex<u64> = Mutex::new(SECOND / 100);

struct Clock;

pub fn run() {
    println!("server started");
    if let Err(error) = name::register(NAME) {
        println!("not registered: {error:?}");
    }
    serve(&Clock)
}

impl Service for Clock {
    fn serve(&self, request: &Request) -> Result<Reply, Error> {
        match request.message.label {
            NOW => now(),
            SET_RATE => set_rate(request.message.words[0]),
            _ => Err(Error::InvalidArgument),
        }
    }

    fn reset(&self, restart: &Restart) -> bool {
        TICK.reset(SECOND / 100, restart);
        true
    }
}

fn now() -> Result<Reply, Error> {
    let tick = TICK.lock();
    Ok(Reply::new([time() / *tick, *tick, 0]))
}

/// Divides before it checks: the bug that a client of `faulty-server` finds. The old rate
/// survives it, as the new one is computed before it is stored.
fn set_rate(ticks_per_second: u64) -> Result<Reply, Error> {
    let mut tick = TICK.lock();
    let previous = Box::new(*tick);
    *tick = SECOND / ticks_per_second;
    Ok(Reply::new([*previous, *tick, 0]))
}
