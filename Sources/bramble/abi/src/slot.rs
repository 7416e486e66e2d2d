//! Slots: the numbers through which a domain names its capabilities.
//!
//! A number is a place in the domain's table (low 32 bits) and the generation of what lies there
//! (high 32 bits): how often the place had been filled before. The kernel fills the places below
//! before a domain's first instruction, so their generation is 0, and never again. Everything from
//! `FREE` on is for capabilities that are minted, copied, moved, created or granted.

/// The number of what lies at `place` in this generation.
pub const fn number(place: usize, generation: u32) -> u64 {
    place as u64 & 0xffff_ffff | (generation as u64) << 32
}

pub const fn place(number: u64) -> usize {
    (number & 0xffff_ffff) as usize
}

pub const fn generation(number: u64) -> u32 {
    (number >> 32) as u32
}

/// Places are not filled more often than this; a place used up stays empty.
pub const LAST_GENERATION: u32 = (1 << 31) - 1;
/// In a message, added to the number to grant (+ 1): the capability itself moves to the receiver,
/// with all that was derived from it, instead of a derived one.
pub const MOVE: u64 = 1 << 63;

/// The console, with SEND; for the console server with RECEIVE, too.
pub const CONSOLE: u64 = 0;
/// A server's own endpoint (the log server's: its queue), with all rights. Empty for clients.
pub const OWN: u64 = 1;
/// The name server's endpoint, with SEND and GRANT, badge = domain id. Empty for itself.
pub const NAME: u64 = 2;
/// The log queue, with SEND, badge = domain id. Empty for the log server.
pub const LOG: u64 = 3;
/// The domain's address space, with CONTROL: what authorises `MemoryGrow`.
pub const SPACE: u64 = 4;
/// The domain's first thread, with CONTROL: what authorises `SetHandler`.
pub const THREAD: u64 = 5;
/// The interrupt of the device that a server drives, with CONTROL. Empty for all others.
pub const IRQ: u64 = 6;
/// The kernel's tables, with RECEIVE: what authorises `Inspect`. For the shell, the memory
/// server and the tester only.
pub const KERNEL: u64 = 7;
pub const FREE: u64 = 8;
