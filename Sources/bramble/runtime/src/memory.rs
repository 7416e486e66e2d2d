//! Memory that domains share: frames, and where they are mapped.

use crate::ipc::Slot;
use crate::syscall::numbers;
use bramble_abi::{Call, Error, slot};
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Bytes of a page.
pub const PAGE: usize = 4096;

/// A capability for a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    pub slot: Slot,
    pages: usize,
}

/// A frame as this space sees it. Others may write to it at the same time: it is read and written
/// a word at a time. It goes when the capability goes: a use of it then is a fault, which recovers
/// as any other.
#[derive(Debug)]
pub struct Mapping {
    frame: Frame,
    words: &'static [AtomicU64],
    writable: bool,
}

impl Frame {
    /// Zeroed pages that this domain pays for.
    pub fn create(pages: usize) -> Result<Frame, Error> {
        let results = numbers(Call::FrameCreate, [pages as u64])?;
        Ok(Frame { slot: Slot::from_number(results[0]).taken(), pages })
    }

    /// A frame that was granted, of as many pages as its maker says: or it cannot be mapped.
    pub fn granted(slot: Slot, pages: usize) -> Frame {
        Frame { slot, pages }
    }

    pub fn map(self, writable: bool) -> Result<Mapping, Error> {
        let arguments = [self.slot.number(), slot::SPACE, writable.into(), self.pages as u64];
        let address = numbers(Call::FrameMap, arguments)?[0];
        let pointer = address as *const AtomicU64;
        // SAFETY: the kernel has just mapped so many pages there, nothing else lies there, and
        // words that others may change are atomic.
        let words = unsafe { core::slice::from_raw_parts(pointer, self.pages * PAGE / 8) };
        Ok(Mapping { frame: self, words, writable })
    }
}

impl Mapping {
    /// Bytes of the mapping.
    pub fn size(&self) -> usize {
        size_of_val(self.words)
    }

    /// The word at a byte offset, which is a multiple of 8.
    pub fn read(&self, offset: usize) -> Result<u64, Error> {
        self.word(offset).map(|word| word.load(Relaxed))
    }

    pub fn write(&self, offset: usize, value: u64) -> Result<(), Error> {
        if !self.writable {
            return Err(Error::MissingRights);
        }
        self.word(offset).map(|word| word.store(value, Relaxed))
    }

    fn word(&self, offset: usize) -> Result<&AtomicU64, Error> {
        let word = offset.is_multiple_of(8).then(|| self.words.get(offset / 8)).flatten();
        word.ok_or(Error::BadAddress)
    }

    pub fn unmap(self) -> Result<(), Error> {
        let address = self.words.as_ptr() as u64;
        numbers(Call::FrameUnmap, [self.frame.slot.number(), slot::SPACE, address]).map(drop)
    }
}
