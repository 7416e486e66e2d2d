//! Which locks a thread holds. Landing pads release what the compiler knows to be owned; a fault
//! between the instruction that takes a lock and the one that stores its guard is not in the
//! compiler's tables, and only the ledger knows.

use crate::lock::RawLock;
use crate::thread::Thread;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};

/// Locks held at a time; more than this are not entered.
const PLACES: usize = 8;

/// Used by its own thread only; atomic because a `static` has to be `Sync`.
pub(crate) struct Ledger {
    held: [AtomicPtr<RawLock>; PLACES],
}

impl Ledger {
    pub const fn new() -> Ledger {
        Ledger { held: [const { AtomicPtr::new(null_mut()) }; PLACES] }
    }

    pub fn enter(&self, lock: &'static RawLock) {
        self.replace(null_mut(), (&raw const *lock).cast_mut());
    }

    pub fn strike(&self, lock: &'static RawLock) {
        self.replace((&raw const *lock).cast_mut(), null_mut());
    }

    fn replace(&self, old: *mut RawLock, new: *mut RawLock) {
        let place = self.held.iter().find(|place| place.load(Relaxed) == old);
        if let Some(place) = place {
            place.store(new, Relaxed);
        }
    }

    /// Releases every lock that `owner`, whose ledger this is, still holds; how many there were.
    /// For the end of a request: guards do not outlive it.
    pub fn settle(&self, owner: &Thread) -> u32 {
        let mut count = 0;
        for place in &self.held {
            let lock = place.swap(null_mut(), Relaxed);
            // SAFETY: only static locks are entered.
            let lock = unsafe { lock.as_ref() };
            // It may have been entered and not taken any more, or released and not struck.
            if let Some(lock) = lock.filter(|lock| lock.is_held_by(owner)) {
                lock.release();
                count += 1;
            }
        }
        count
    }
}
