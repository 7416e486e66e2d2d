//! Which blocks belong together and which are free.

use bramble_runtime::Error;
use bramble_runtime::protocol::Piece;
use bramble_runtime::protocol::disk::Disk;

pub const BLOCKS: usize = 128;
pub const SECTORS_PER_BLOCK: u64 = 8;
/// The first block for contents.
pub const DATA: usize = 5;

const FREE: u8 = 0;
const LAST: u8 = 0xff;

/// For each block `FREE`, `LAST`, or the number of the file's next block.
#[derive(Clone)]
pub struct Table([u8; BLOCKS]);

impl Table {
    /// All blocks free, but those that hold table and directory.
    pub const fn new() -> Table {
        let mut next = [FREE; BLOCKS];
        let mut block = 0;
        while block < DATA {
            next[block] = LAST;
            block += 1;
        }
        Table(next)
    }

    /// That of a disk that was never mounted: full of zeros.
    pub fn is_new(&self) -> bool {
        self.0[0] == FREE
    }

    /// As it stands on the disk.
    pub fn read(disk: Disk) -> Result<Table, Error> {
        let mut table = Table([FREE; BLOCKS]);
        for (sector, part) in table.0.chunks_mut(Piece::SIZE).enumerate() {
            part.copy_from_slice(&disk.read(sector as u64)?.0);
        }
        Ok(table)
    }

    /// Writes the sectors in which the table differs from `written`.
    pub fn write_changes(&self, disk: Disk, written: &Table) -> Result<(), Error> {
        let parts = self.0.as_chunks().0.iter().zip(written.0.as_chunks().0);
        for (sector, (new, old)) in parts.enumerate() {
            if new != old {
                disk.write(sector as u64, Piece(*new))?;
            }
        }
        Ok(())
    }

    /// The block that is `count` further in its chain.
    pub fn follow(&self, first: u8, count: u64) -> Result<u8, Error> {
        let mut block = first;
        for _ in 0..count {
            block = self.next(block)?;
        }
        Ok(block)
    }

    fn next(&self, block: u8) -> Result<u8, Error> {
        let next = self.0.get(usize::from(block)).copied().ok_or(Error::NotFound)?;
        if (DATA..BLOCKS).contains(&usize::from(next)) { Ok(next) } else { Err(Error::NotFound) }
    }

    /// Takes a free block, as the last one of some chain.
    pub fn take(&mut self) -> Result<u8, Error> {
        let block = self.0.iter().position(|&next| next == FREE).ok_or(Error::StorageFull)?;
        self.0[block] = LAST;
        Ok(block as u8)
    }

    pub fn link(&mut self, last: u8, next: u8) {
        self.0[usize::from(last)] = next;
    }

    pub fn free_chain(&mut self, first: u8) {
        let mut block = first;
        // Ends: every step frees a block, and a free one leads nowhere.
        while (DATA..BLOCKS).contains(&usize::from(block)) {
            block = core::mem::replace(&mut self.0[usize::from(block)], FREE);
        }
    }

    /// Takes over a chain of `count` blocks that `other` says is there. Nothing changes if it is
    /// not, or if it runs through blocks of another chain.
    pub fn adopt(&mut self, other: &Table, first: u8, count: u64) -> Result<(), Error> {
        let mut adopted = self.clone();
        let mut block = first;
        for left in (0..count).rev() {
            let place = adopted.0.get_mut(usize::from(block)).ok_or(Error::NotFound)?;
            if *place != FREE {
                return Err(Error::NotFound);
            }
            let next = if left == 0 { LAST } else { other.next(block)? };
            *place = next;
            block = next;
        }
        *self = adopted;
        Ok(())
    }

    pub fn free_blocks(&self) -> u64 {
        self.0.iter().filter(|&&next| next == FREE).count() as u64
    }
}
