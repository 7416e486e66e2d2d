//! The log server: drains a queue, more slowly than it is filled.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::String;
use bramble_runtime::ipc::{Reply, Request};
use bramble_runtime::protocol::Word;
use bramble_runtime::protocol::log::NOTE;
use bramble_runtime::serve::{Service, drain};
use bramble_runtime::{Error, Mutex, println, sleep};

/// Notes that are kept.
const HISTORY: usize = 32;
/// Milliseconds to write one down.
const PEN_SPEED: u64 = 25;

static NOTES: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

struct LogServer;

pub fn run() {
    println!("server started");
    drain(&LogServer)
}

impl Service for LogServer {
    fn serve(&self, request: &Request) -> Result<Reply, Error> {
        match request.message.label {
            NOTE => write_down(request),
            _ => Err(Error::InvalidArgument),
        }
    }
}

fn write_down(request: &Request) -> Result<Reply, Error> {
    let [text, value, _] = request.message.words;
    let note = format!("domain {}: {} {}", request.badge, Word(text), value);
    sleep(PEN_SPEED);
    let mut notes = NOTES.lock();
    if notes.len() >= HISTORY {
        notes.pop_front();
    }
    notes.push_back(note);
    Ok(Reply::default())
}
