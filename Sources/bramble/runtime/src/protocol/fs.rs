//! The file server: files in memory, read and written in pieces that fit a message.

use super::{Word, ask, name};
use crate::ipc::Slot;
use bramble_abi::Error;

pub const NAME: &str = "fs";

/// words: name, offset; the reply: byte count, up to 16 bytes.
pub const READ: u64 = 1;
/// words: name, eight bytes to append; the reply: the file's new size.
pub const WRITE: u64 = 2;
/// words: `Defect` as number. Not part of any file system: what the scenarios break it with.
pub const BREAK: u64 = 3;

/// The ways in which the file server can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Defect {
    Panic = 1,
    DataAbort = 2,
    Undefined = 3,
    WildJump = 4,
    /// Recursion without end.
    StackOverflow = 5,
    /// A panic the first time only, with a lock and much else held: worth trying again.
    Transient = 6,
    /// A panic each time, in a request that may be tried again.
    Permanent = 7,
}

impl Defect {
    pub const ALL: [Defect; 7] = [
        Defect::Panic,
        Defect::DataAbort,
        Defect::Undefined,
        Defect::WildJump,
        Defect::StackOverflow,
        Defect::Transient,
        Defect::Permanent,
    ];

    pub fn from_number(number: u64) -> Option<Defect> {
        Defect::ALL.into_iter().find(|&defect| defect as u64 == number)
    }
}

/// The client's side.
#[derive(Clone, Copy)]
pub struct FileSystem(Slot);

impl FileSystem {
    pub fn find() -> FileSystem {
        FileSystem(name::lookup(NAME))
    }

    /// Up to 16 bytes of `file` at `offset`: how many, and the bytes.
    pub fn read_file(self, file: &str, offset: u64) -> Result<(usize, [u8; 16]), Error> {
        let [count, low, high] = ask(self.0, READ, [Word::new(file).0, offset, 0])?;
        let bytes = u128::from(low) | u128::from(high) << 64;
        Ok(((count as usize).min(16), bytes.to_le_bytes()))
    }

    /// Appends eight bytes; the file's new size.
    pub fn append_file(self, file: &str, bytes: [u8; 8]) -> Result<u64, Error> {
        let words = [Word::new(file).0, u64::from_le_bytes(bytes), 0];
        ask(self.0, WRITE, words).map(|[byte_count, ..]| byte_count)
    }

    pub fn break_server(self, defect: Defect) -> Result<(), Error> {
        ask(self.0, BREAK, [defect as u64, 0, 0]).map(drop)
    }
}
