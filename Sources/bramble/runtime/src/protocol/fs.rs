//! The file server: files on a disk, read and written in pieces that fit a message.

use super::{Piece, Word, ask, name};
use crate::ipc::Slot;
use alloc::vec::Vec;
use bramble_abi::Error;

pub const NAME: &str = "fs";

/// words: name, offset; the reply: byte count (at most 16, fewer at the end only), the bytes.
pub const READ: u64 = 1;
/// words: name, up to eight bytes to append, their count; the reply: the file's new size. A file
/// that is not there is created.
pub const APPEND: u64 = 2;
/// words: `Defect` as number. Not part of any file system: what the scenarios break it with.
pub const BREAK: u64 = 3;
/// words: name.
pub const DELETE: u64 = 4;
/// words: name; the reply: the name that follows it, and that file's size. 0 comes before all.
pub const LIST: u64 = 5;
/// The reply: free blocks, all blocks, bytes of a block.
pub const STATUS: u64 = 6;

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

/// The client's side. Names have one to eight characters; others are invalid arguments.
#[derive(Clone, Copy)]
pub struct FileSystem(Slot);

impl FileSystem {
    pub fn find() -> FileSystem {
        FileSystem(name::lookup(NAME))
    }

    /// `None` where there is no file server.
    pub fn find_now() -> Option<FileSystem> {
        name::find(NAME).map(FileSystem)
    }

    /// Up to 16 bytes of `file` at `offset`: how many, and the bytes.
    pub fn read_file(self, file: &str, offset: u64) -> Result<(usize, [u8; 16]), Error> {
        let [count, low, high] = ask(self.0, READ, [file_name(file)?, offset, 0])?;
        Ok(((count as usize).min(Piece::SIZE), Piece::from_words([low, high]).0))
    }

    /// All of a file.
    pub fn read_whole_file(self, file: &str) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        loop {
            let (count, piece) = self.read_file(file, bytes.len() as u64)?;
            bytes.extend_from_slice(&piece[..count]);
            if count < piece.len() {
                return Ok(bytes);
            }
        }
    }

    /// Appends eight bytes; the file's new size.
    pub fn append_file(self, file: &str, bytes: [u8; 8]) -> Result<u64, Error> {
        self.append(file, &bytes)
    }

    /// Appends any number of bytes, eight at a time; the file's new size. What has been appended
    /// before an error stays.
    pub fn append(self, file: &str, bytes: &[u8]) -> Result<u64, Error> {
        let name = file_name(file)?;
        let mut size = 0;
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            let words = [name, u64::from_le_bytes(word), part.len() as u64];
            [size, ..] = ask(self.0, APPEND, words)?;
        }
        Ok(size)
    }

    pub fn delete_file(self, file: &str) -> Result<(), Error> {
        ask(self.0, DELETE, [file_name(file)?, 0, 0]).map(drop)
    }

    /// The first file after `previous` in the order of names, and its size; `None` after the last.
    pub fn list(self, previous: Word) -> Result<Option<(Word, u64)>, Error> {
        match ask(self.0, LIST, [previous.0, 0, 0]) {
            Ok([name, size, _]) => Ok(Some((Word(name), size))),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Free blocks, all blocks, bytes of a block.
    pub fn status(self) -> Result<[u64; 3], Error> {
        ask(self.0, STATUS, [0; 3])
    }

    pub fn break_server(self, defect: Defect) -> Result<(), Error> {
        ask(self.0, BREAK, [defect as u64, 0, 0]).map(drop)
    }
}

fn file_name(file: &str) -> Result<u64, Error> {
    match file.len() {
        1..=8 => Ok(Word::new(file).0),
        _ => Err(Error::InvalidArgument),
    }
}
