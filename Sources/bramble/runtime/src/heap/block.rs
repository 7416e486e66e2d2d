//! Blocks: what the heap hands out, each behind a header that says what has become of it.

use bramble_abi::layout::HEAP_BASE;
use core::ptr::write_bytes;

/// Blocks hold 16 << class bytes, up to 64 KiB.
pub(super) const CLASSES: usize = 13;
const SMALLEST: usize = 16;
/// Bytes of a block that is free: as an address, it faults.
const POISON: u8 = 0xde;
/// A header carries this, mixed with where it stands: a stray pointer leads to no header.
const MARK: u32 = 0x6d61_7262;

/// What has become of a block. The numbers are in memory for whoever reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum State {
    Free = 0,
    Live = 1,
    /// Given up by the request, and kept until its end: if the request fails half way, something
    /// may still refer to the block.
    Deferred = 2,
    /// Given up by a landing pad, and kept until the catch.
    Unwound = 3,
    /// Left behind by a request that failed; the ledger had no place to look into it.
    Lost = 4,
}

/// Stands in front of every block.
#[repr(C)]
pub(crate) struct Header {
    mark: u32,
    pub state: State,
    class: u8,
    /// The domain that took it (`Thread::owner`).
    pub owner: u16,
    /// The request in which it was taken or given up; 0 outside of requests, and for blocks that
    /// have become part of a service's state.
    pub request: u32,
    /// The next block of the list that this one is in.
    pub next: Link,
}

pub(super) const HEADER: usize = size_of::<Header>();
const _: () = assert!(HEADER == 16);

/// A header by its place in the heap, in units of 16 bytes; 0 is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Link(u32);

impl Link {
    pub const NONE: Link = Link(0);

    /// Of the header at `address`, a multiple of 16 in the heap. The heap is far smaller than the
    /// 64 GiB that links can span.
    pub fn of(address: u64) -> Link {
        Link((address.wrapping_sub(HEAP_BASE) / 16) as u32 + 1)
    }

    pub fn number(self) -> u32 {
        self.0
    }

    pub fn address(self) -> Option<u64> {
        Some(HEAP_BASE + u64::from(self.0.checked_sub(1)?) * 16)
    }
}

impl From<u32> for Link {
    fn from(number: u32) -> Link {
        Link(number)
    }
}

/// The class for `byte_count` bytes, if there is one.
pub(super) fn class_of(byte_count: usize) -> Option<usize> {
    let byte_count = byte_count.max(SMALLEST).checked_next_power_of_two()?;
    let class = (byte_count / SMALLEST).trailing_zeros() as usize;
    (class < CLASSES).then_some(class)
}

/// Bytes of a block and its header.
pub(super) const fn extent(class: usize) -> usize {
    HEADER + (SMALLEST << class)
}

impl Header {
    pub fn fresh(address: u64, class: usize) -> Header {
        Header {
            mark: mark(address),
            state: State::Free,
            class: class as u8,
            owner: 0,
            request: 0,
            next: Link::NONE,
        }
    }

    fn address(&self) -> u64 {
        (&raw const *self) as u64
    }

    pub fn link(&self) -> Link {
        Link::of(self.address())
    }

    /// Nothing has overwritten it.
    pub fn is_sound(&self) -> bool {
        self.mark == mark(self.address()) && usize::from(self.class) < CLASSES
    }

    pub fn class(&self) -> usize {
        usize::from(self.class)
    }

    pub fn byte_count(&self) -> usize {
        SMALLEST << self.class
    }

    /// Address of the bytes that the owner uses.
    pub fn start(&self) -> u64 {
        self.address() + HEADER as u64
    }

    /// Overwrites the block, so that a use of it faults or shows.
    ///
    /// # Safety
    /// Nobody uses the block.
    pub unsafe fn poison(&self) {
        // SAFETY: promised by the caller; the bytes belong to the heap.
        unsafe { write_bytes(self.start() as *mut u8, POISON, self.byte_count()) }
    }
}

fn mark(address: u64) -> u32 {
    MARK ^ Link::of(address).0
}
