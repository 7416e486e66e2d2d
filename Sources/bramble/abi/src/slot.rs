//! Slots that the kernel fills before a domain's first instruction. Everything from `FREE` on is
//! free for capabilities that are minted, copied or granted.

/// The console, with SEND.
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
pub const FREE: u64 = 6;
