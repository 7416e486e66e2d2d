//! Storm: more threads and capabilities than anybody looks at one by one.

use alloc::format;
use alloc::string::String;

use crate::expect::expect;
use bramble_runtime::memory::PAGE;
use bramble_runtime::{Message, Slot, account, limit, println, ready, sleep, spawn_light, time};

/// Threads of each of the four domains, its first one included.
const THREADS: u64 = 2_500;
/// Capabilities of each domain.
const CAPABILITIES: u64 = 25_000;
/// One in so many is derived and revoked before.
const TRIAL: u64 = 10;
/// Generations of capabilities below one parent.
const DEPTH: u64 = 8;
/// Until the threads have got where they are to wait, in milliseconds.
const SETTLE: u64 = 500;
/// Longer than anybody looks.
const LONG: u64 = 3_600_000;

pub fn run() {
    if let Err(problem) = raise() {
        println!("{problem}");
    }
    sleep(SETTLE);
    ready();
    loop {
        sleep(LONG);
    }
}

fn raise() -> Result<(), String> {
    let unanswered = expect("create an endpoint", Slot::create_endpoint())?;
    let uncalled = expect("create an endpoint", Slot::create_endpoint())?;
    let queue = expect("create a queue", Slot::create_queue(limit::QUEUE_CAPACITY as u64))?;
    for number in 1..THREADS {
        let (wait, slot): (fn(u64), Slot) = match number % 4 {
            0 => (call, unanswered),
            1 => (receive, uncalled),
            2 => (drain, queue),
            _ => (slumber, queue),
        };
        let spawned = spawn_light(wait, slot.number(), PAGE as u64);
        expect(&format!("thread {number}"), spawned)?;
    }
    let wanted = CAPABILITIES - expect("account", account())?.capabilities;
    derive(uncalled, wanted / TRIAL)?;
    let began = time();
    let revoked = expect("revoke", uncalled.revoke())?;
    println!("{revoked} capabilities revoked in {} us", (time() - began) / 1_000);
    if revoked != wanted / TRIAL {
        return Err(format!("{} capabilities were derived", wanted / TRIAL));
    }
    derive(uncalled, wanted)
}

/// Derives from a capability, and from what is derived.
fn derive(root: Slot, count: u64) -> Result<(), String> {
    let mut parent = root;
    for number in 0..count {
        parent = if number % DEPTH == 0 { root } else { parent };
        parent = expect("copy", parent.copy())?;
    }
    Ok(())
}

fn call(endpoint: u64) {
    let _ = Slot::from_number(endpoint).call(&Message::default());
}

fn receive(endpoint: u64) {
    let _ = Slot::from_number(endpoint).receive();
}

fn drain(queue: u64) {
    let _ = Slot::from_number(queue).queue_receive();
}

fn slumber(_: u64) {
    sleep(LONG);
}
