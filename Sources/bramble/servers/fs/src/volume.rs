//! How files lie on the disk.
//!
//!     block 0        table: a byte per block: free, the next block of the same file, or the last
//!     blocks 1..5    directory: a sector per file: name, first block, size
//!     blocks 5..     what is in the files
//!
//! A block has eight sectors of sixteen bytes. Everything that changes is written to the disk first
//! and to memory last, contents before table before directory: whenever a request is given up, a
//! mount finds the files as they were before or after it. Blocks that no file leads to are free.

use crate::table::{BLOCKS, DATA, SECTORS_PER_BLOCK, Table};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use bramble_runtime::protocol::disk::Disk;
use bramble_runtime::protocol::{Piece, Word};
use bramble_runtime::{Error, println};

/// Sectors of the directory.
const DIRECTORY: core::ops::Range<u64> = SECTORS_PER_BLOCK..DATA as u64 * SECTORS_PER_BLOCK;
pub const BLOCK_SIZE: u64 = SECTORS_PER_BLOCK * Piece::SIZE as u64;

#[derive(Clone, Copy)]
struct File {
    /// The sector of the directory that describes it.
    entry: u64,
    /// 0 while it is empty.
    first: u8,
    size: u64,
}

/// What the server knows of the disk.
pub struct Volume {
    table: Table,
    files: BTreeMap<Word, File>,
}

impl Volume {
    pub const fn new() -> Volume {
        Volume { table: Table::new(), files: BTreeMap::new() }
    }

    /// Reads table and directory. A new disk has neither and is empty.
    pub fn mount(&mut self, disk: Disk) -> Result<(), Error> {
        let written = Table::read(disk)?;
        let mut volume = Volume::new();
        let directory = if written.is_new() { 0..0 } else { DIRECTORY };
        for entry in directory {
            let Some((name, file)) = read_entry(disk, entry)? else { continue };
            match volume.table.adopt(&written, file.first, file.size.div_ceil(BLOCK_SIZE)) {
                Ok(()) => drop(volume.files.insert(name, file)),
                Err(_) => println!("{name} is damaged and left out"),
            }
        }
        volume.table.write_changes(disk, &written)?;
        *self = volume;
        Ok(())
    }

    /// Up to sixteen bytes of a file: how many, and the bytes.
    pub fn read(&self, disk: Disk, name: Word, offset: u64) -> Result<(usize, Piece), Error> {
        let file = self.files.get(&name).ok_or(Error::NotFound)?;
        let end = file.size.min(offset.saturating_add(Piece::SIZE as u64));
        let mut result = Box::new(Piece::default());
        let mut count = 0;
        while offset + (count as u64) < end {
            let at = offset + count as u64;
            let piece = disk.read(self.sector(file, at)?)?;
            let rest = &piece.0[(at % Piece::SIZE as u64) as usize..];
            let part = rest.len().min((end - at) as usize);
            result.0[count..count + part].copy_from_slice(&rest[..part]);
            count += part;
        }
        Ok((count, *result))
    }

    /// Appends to a file, which is created if need be; its new size.
    pub fn append(&mut self, disk: Disk, name: Word, bytes: &[u8]) -> Result<u64, Error> {
        let mut file = match self.files.get(&name) {
            Some(file) => *file,
            None => self.new_file()?,
        };
        let mut table = Box::new(self.table.clone());
        let mut rest = bytes;
        while !rest.is_empty() {
            let sector = sector_to_fill(&mut table, &mut file)?;
            let at = (file.size % Piece::SIZE as u64) as usize;
            let (part, later) = rest.split_at(rest.len().min(Piece::SIZE - at));
            let mut piece = if at == 0 { Piece::default() } else { disk.read(sector)? };
            piece.0[at..at + part.len()].copy_from_slice(part);
            disk.write(sector, piece)?;
            file.size += part.len() as u64;
            rest = later;
        }
        table.write_changes(disk, &self.table)?;
        write_entry(disk, name, &file)?;
        self.table = *table;
        self.files.insert(name, file);
        Ok(file.size)
    }

    pub fn delete(&mut self, disk: Disk, name: Word) -> Result<(), Error> {
        let file = *self.files.get(&name).ok_or(Error::NotFound)?;
        let mut table = Box::new(self.table.clone());
        table.free_chain(file.first);
        disk.write(file.entry, Piece::default())?;
        table.write_changes(disk, &self.table)?;
        self.table = *table;
        self.files.remove(&name);
        Ok(())
    }

    pub fn names(&self) -> impl Iterator<Item = Word> {
        self.files.keys().copied()
    }

    /// The first file after `previous`, and its size.
    pub fn after(&self, previous: Word) -> Option<(Word, u64)> {
        use core::ops::Bound::{Excluded, Unbounded};
        let mut rest = self.files.range((Excluded(previous), Unbounded));
        rest.next().map(|(name, file)| (*name, file.size))
    }

    pub fn free_blocks(&self) -> u64 {
        self.table.free_blocks()
    }

    pub fn blocks(&self) -> u64 {
        BLOCKS as u64
    }

    /// A file in the first free entry of the directory.
    fn new_file(&self) -> Result<File, Error> {
        let is_free = |entry: &u64| self.files.values().all(|file| file.entry != *entry);
        let entry = DIRECTORY.into_iter().find(is_free).ok_or(Error::StorageFull)?;
        Ok(File { entry, first: 0, size: 0 })
    }

    /// Where byte `offset` of a file is.
    fn sector(&self, file: &File, offset: u64) -> Result<u64, Error> {
        let block = self.table.follow(file.first, offset / BLOCK_SIZE)?;
        Ok(sector_in(block, offset))
    }
}

/// The sector behind the end of a file; takes a block for it if the file's blocks are full.
fn sector_to_fill(table: &mut Table, file: &mut File) -> Result<u64, Error> {
    let index = file.size / BLOCK_SIZE;
    let block = if file.size % BLOCK_SIZE != 0 {
        table.follow(file.first, index)?
    } else {
        let block = table.take()?;
        match index {
            0 => file.first = block,
            _ => table.link(table.follow(file.first, index - 1)?, block),
        }
        block
    };
    Ok(sector_in(block, file.size))
}

fn sector_in(block: u8, offset: u64) -> u64 {
    u64::from(block) * SECTORS_PER_BLOCK + offset % BLOCK_SIZE / Piece::SIZE as u64
}

/// An entry of the directory: name in the first word; size and first block in the second.
fn read_entry(disk: Disk, entry: u64) -> Result<Option<(Word, File)>, Error> {
    let [name, rest] = disk.read(entry)?.words();
    let file = File { entry, first: rest as u8, size: rest >> 8 };
    Ok((name != 0).then_some((Word(name), file)))
}

fn write_entry(disk: Disk, name: Word, file: &File) -> Result<(), Error> {
    let rest = file.size << 8 | u64::from(file.first);
    disk.write(file.entry, Piece::from_words([name.0, rest]))
}
