//! Program numbers (x0 at the entry of a thread). Servers live in the image `servers`, the others
//! in the image `user`; the kernel's boot manifest says which scenario starts which of them.

/// Grants the endpoints of the other servers to whoever asks by name.
pub const NAME: u64 = 0;
/// Files in memory.
pub const FS: u64 = 1;
/// A slow block device: sleeps while it serves.
pub const DISK: u64 = 2;
pub const CLOCK: u64 = 3;
/// Drains the asynchronous log queue, slowly.
pub const LOG: u64 = 4;
/// Deadlock: alpha calls beta, beta calls gamma, gamma calls alpha.
pub const ALPHA: u64 = 5;
pub const BETA: u64 = 6;
pub const GAMMA: u64 = 7;
/// Reads the console for everybody.
pub const CONSOLE: u64 = 11;

/// Reads files for ever.
pub const READER: u64 = 16;
/// Writes files for ever.
pub const WRITER: u64 = 17;
/// Transfers blocks straight from the disk; three of them keep its sender queue filled.
pub const LOADER: u64 = 18;
/// Asks the clock, sleeps, logs.
pub const TICKER: u64 = 19;
/// Triggers the faults of `faulty-server` one after the other, then checks the server.
pub const TESTER: u64 = 20;
/// Deadlock: makes the request that closes the cycle.
pub const STARTER: u64 = 21;
/// Deadlock: calls alpha once the cycle is closed, and waits with it.
pub const WAITER: u64 = 22;
/// Computes for ever, so that some CPU is always busy at EL0.
pub const WORKER: u64 = 23;
/// Faults where nobody catches, and dies of it.
pub const VICTIM: u64 = 24;
