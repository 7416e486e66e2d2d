//! The client of a fault campaign: in every round it makes all requests that file server, disk and
//! clock know, and checks the answers. Between rounds it stands still at `round_is_over`, where
//! whoever injects faults stops the machine.

use crate::expect::expect;
use alloc::format;
use alloc::string::String;
use bramble_runtime::protocol::clock::Clock;
use bramble_runtime::protocol::disk::Disk;
use bramble_runtime::protocol::fs::FileSystem;
use bramble_runtime::protocol::{Piece, Word};
use bramble_runtime::{Error, println, ready};

/// A sector that the file server does not use.
const SCRATCH: u64 = bramble_runtime::protocol::disk::SECTORS - 1;
/// More than one sector, in pieces that do not fit one evenly.
const TEXT: &[u8] = b"brambles grow again.";
const FILE: &str = "probe";
/// The clock's usual rate.
const RATE: u64 = 100;

struct Prober {
    fs: FileSystem,
    disk: Disk,
    clock: Clock,
}

pub fn run() {
    let prober = Prober { fs: FileSystem::find(), disk: Disk::find(), clock: Clock::find() };
    ready();
    for round in 0u64.. {
        match prober.probe() {
            Ok(()) => println!("round {round}: answered"),
            Err(problem) => println!("round {round}: {problem}"),
        }
        round_is_over(round);
    }
}

/// Debuggers stop here.
#[inline(never)]
fn round_is_over(round: u64) {
    core::hint::black_box(round);
}

impl Prober {
    /// One of the requests may be given up; after that, all of them have to be answered.
    fn probe(&self) -> Result<(), String> {
        let Err(problem) = self.ask_everything() else { return Ok(()) };
        self.ask_everything().map_err(|second| format!("wrong: {problem}, then {second}"))?;
        Err(format!("given up: {problem}"))
    }

    fn ask_everything(&self) -> Result<(), String> {
        self.check_disk()?;
        self.check_clock()?;
        self.check_files()
    }

    fn check_disk(&self) -> Result<(), String> {
        let piece = Piece(*b"sixteen bytes...");
        expect("write", self.disk.write(SCRATCH, piece))?;
        match expect("read", self.disk.read(SCRATCH))? {
            Piece(bytes) if bytes == piece.0 => {}
            other => return Err(format!("wrong sector {other:?}")),
        }
        match expect("transfer", self.disk.transfer(3))? {
            // 512 bytes, each with the number of the block.
            0x600 => Ok(()),
            other => Err(format!("wrong checksum {other}")),
        }
    }

    fn check_clock(&self) -> Result<(), String> {
        expect("set rate", self.clock.set_rate(RATE))?;
        let before = expect("now", self.clock.now())?;
        match expect("now again", self.clock.now())? {
            after if after >= before => Ok(()),
            after => Err(format!("wrong time {after} after {before}")),
        }
    }

    fn check_files(&self) -> Result<(), String> {
        // What an earlier attempt has left.
        match self.fs.delete_file(FILE) {
            Ok(()) | Err(Error::NotFound) => {}
            Err(error) => return Err(format!("delete: {error:?}")),
        }
        let [free, ..] = expect("status", self.fs.status())?;
        expect("append", self.fs.append(FILE, TEXT))?;
        if expect("read file", self.fs.read_whole_file(FILE))? != TEXT {
            return Err(String::from("wrong contents"));
        }
        match expect("list", self.fs.list(Word::new("motd")))? {
            Some((name, size)) if name == Word::new(FILE) && size == TEXT.len() as u64 => {}
            other => return Err(format!("wrong name {other:?}")),
        }
        expect("delete", self.fs.delete_file(FILE))?;
        match expect("status", self.fs.status())? {
            [left, ..] if left == free => Ok(()),
            [left, ..] => Err(format!("wrong number of free blocks {left}, {free} before")),
        }
    }
}
