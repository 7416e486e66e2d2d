//! Rights of a capability, as a mask.

/// Call or send through an endpoint; write to a console.
pub const SEND: u8 = 1 << 0;
/// Receive from an endpoint or a queue.
pub const RECEIVE: u8 = 1 << 1;
/// Pass the capability on: mint, copy, grant in a message.
pub const GRANT: u8 = 1 << 2;
/// Control the object: stop a thread, change a space.
pub const CONTROL: u8 = 1 << 3;
pub const ALL: u8 = 0xf;
