//! The word of a lock that threads of one space share. Whoever takes a free lock, or releases one
//! that nobody waits for, changes the word alone; the kernel is asked when somebody has to wait.

/// No holder, and nobody waits.
pub const FREE: u64 = 0;
/// The holder's thread, in the low half.
pub const HOLDER: u64 = 0xffff_ffff;
/// Set by a thread before it waits: only the kernel may release the lock now (`LockWake`).
pub const CONTENDED: u64 = 1 << 63;

/// The thread that holds the lock; 0 for none.
pub const fn holder(word: u64) -> u64 {
    word & HOLDER
}
