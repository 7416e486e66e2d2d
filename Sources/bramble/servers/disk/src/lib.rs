//! The disk: a block device in memory. Its sectors are at hand at once; its head, which a transfer
//! of a whole block needs, is as slow as real ones, so that callers queue up.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::boxed::Box;
use bramble_runtime::ipc::{Reply, Request};
use bramble_runtime::protocol::disk::{NAME, READ, SECTORS, TRANSFER, WRITE};
use bramble_runtime::protocol::{Piece, name};
use bramble_runtime::serve::{Restart, Service, serve};
use bramble_runtime::{Error, Mutex, println, sleep};

const BLOCK_SIZE: usize = 512;
/// Milliseconds that the head needs.
const SEEK_TIME: u64 = 40;

struct Controller {
    block: u64,
    transfers: u64,
}

static CONTROLLER: Mutex<Controller> = Mutex::new(Controller { block: 0, transfers: 0 });
static STORAGE: Mutex<[Piece; SECTORS as usize]> =
    Mutex::new([Piece([0; Piece::SIZE]); SECTORS as usize]);

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
        let [place, low, high] = request.message.words;
        match request.message.label {
            TRANSFER => transfer(place),
            READ => read_sector(place),
            WRITE => write_sector(place, Piece::from_words([low, high])),
            _ => Err(Error::InvalidArgument),
        }
    }

    /// Sectors are what they are, whatever has happened to the controller.
    fn reset(&self, restart: &Restart) -> bool {
        CONTROLLER.reset(Controller { block: 0, transfers: 0 }, restart);
        STORAGE.unlock(restart);
        true
    }
}

fn transfer(block: u64) -> Result<Reply, Error> {
    let mut controller = CONTROLLER.lock();
    let mut buffer = Box::new([0u8; BLOCK_SIZE]);
    controller.block = block;
    wait_for_head();
    // The platter came full from the factory: what is on block N is N, again and again.
    buffer.fill(block as u8);
    controller.transfers += 1;
    let checksum = buffer.iter().map(|&byte| u64::from(byte)).sum();
    Ok(Reply::new([checksum, controller.transfers, 0]))
}

fn wait_for_head() {
    sleep(SEEK_TIME);
}

fn read_sector(sector: u64) -> Result<Reply, Error> {
    let storage = STORAGE.lock();
    let [low, high] = storage.get(index(sector)?).ok_or(Error::InvalidArgument)?.words();
    Ok(Reply::new([low, high, 0]))
}

fn write_sector(sector: u64, piece: Piece) -> Result<Reply, Error> {
    let mut storage = STORAGE.lock();
    *storage.get_mut(index(sector)?).ok_or(Error::InvalidArgument)? = piece;
    Ok(Reply::default())
}

fn index(sector: u64) -> Result<usize, Error> {
    usize::try_from(sector).map_err(|_| Error::InvalidArgument)
}
