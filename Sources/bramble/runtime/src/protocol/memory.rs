//! The memory server: pages for whoever asks, to be shared with whom the asker names.

use super::{ask, name};
use crate::ipc::{Message, Slot};
use crate::memory::Frame;
use bramble_abi::{Error, rights};

pub const NAME: &str = "memory";

/// words: pages; the reply: a handle, and grants the frame.
pub const ALLOCATE: u64 = 1;
/// words: handle, domain that may take it too, whether it may write.
pub const SHARE: u64 = 2;
/// words: handle; the reply: pages, and grants the frame.
pub const TAKE: u64 = 3;
/// words: handle. Takes the frame from everybody.
pub const RELEASE: u64 = 4;
/// The reply: frames and pages of the asker, pages of all.
pub const STATUS: u64 = 5;

/// Pages that one domain may have of the server at a time.
pub const QUOTA: u64 = 64;

/// The client's side.
#[derive(Clone, Copy)]
pub struct Memory(Slot);

impl Memory {
    pub fn find() -> Memory {
        Memory(name::lookup(NAME))
    }

    /// `None` where there is no memory server.
    pub fn find_now() -> Option<Memory> {
        name::find(NAME).map(Memory)
    }

    /// Zeroed pages: the handle by which the server knows them, and the frame.
    pub fn allocate(self, pages: u64) -> Result<(u64, Frame), Error> {
        let reply = self.0.call(&Message::new(ALLOCATE, [pages, 0, 0]))?;
        let slot = reply.grant.ok_or(Error::OutOfMemory)?;
        Ok((reply.words[0], Frame::granted(slot, pages as usize)))
    }

    /// Lets another domain take what this one has allocated.
    pub fn share(self, handle: u64, domain: u64, writable: bool) -> Result<(), Error> {
        ask(self.0, SHARE, [handle, domain, writable.into()]).map(drop)
    }

    /// What another domain has shared.
    pub fn take(self, handle: u64) -> Result<Frame, Error> {
        let reply = self.0.call(&Message::new(TAKE, [handle, 0, 0]))?;
        let slot = reply.grant.ok_or(Error::NotFound)?;
        Ok(Frame::granted(slot, reply.words[0] as usize))
    }

    /// Gives the frame back: it goes from everybody who has it.
    pub fn release(self, handle: u64) -> Result<(), Error> {
        ask(self.0, RELEASE, [handle, 0, 0]).map(drop)
    }

    /// Frames and pages of this domain, pages of all.
    pub fn status(self) -> Result<[u64; 3], Error> {
        ask(self.0, STATUS, [0; 3])
    }
}

/// What a client may do with a frame: to pass it on, too, as it falls with what the server keeps.
pub fn rights_to(writable: bool) -> u8 {
    let write = if writable { rights::SEND } else { 0 };
    write | rights::RECEIVE | rights::GRANT
}
