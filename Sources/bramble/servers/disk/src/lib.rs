//! The disk: a block device as slow as real ones, so that its callers queue up.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::boxed::Box;
use bramble_runtime::ipc::{Reply, Request};
use bramble_runtime::protocol::disk::{NAME, TRANSFER};
use bramble_runtime::protocol::name;
use bramble_runtime::serve::{Service, serve};
use bramble_runtime::{Error, Mutex, println, sleep};

const BLOCK_SIZE: usize = 512;
/// Milliseconds that the head needs.
const SEEK_TIME: u64 = 40;

struct Controller {
    block: u64,
    transfers: u64,
}

static CONTROLLER: Mutex<Controller> = Mutex::new(Controller { block: 0, transfers: 0 });

struct Disk;

pub fn run() {
    println!("server started");
    if let Err(error) = name::register(NAME) {
        println!("not registered: {error:?}");
    }
    serve(&Disk)
}

impl Service for Disk {
    fn serve(&self, request: &Request) -> Result<Reply, Error> {
        match request.message.label {
            TRANSFER => transfer(request.message.words[0]),
            _ => Err(Error::InvalidArgument),
        }
    }
}

fn transfer(block: u64) -> Result<Reply, Error> {
    let mut controller = CONTROLLER.lock();
    let mut buffer = Box::new([0u8; BLOCK_SIZE]);
    controller.block = block;
    wait_for_head();
    // What is on block N is N, again and again.
    buffer.fill(block as u8);
    controller.transfers += 1;
    let checksum = buffer.iter().map(|&byte| u64::from(byte)).sum();
    Ok(Reply::new([checksum, controller.transfers, 0]))
}

fn wait_for_head() {
    sleep(SEEK_TIME);
}
