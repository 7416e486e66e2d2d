//! What a request has taken and not given back, apart from heap blocks, which the heap itself knows
//! of. Landing pads release what the compiler knows to be owned; a fault between the instruction
//! that takes a lock and the one that stores its guard is not in the compiler's tables, and
//! capabilities are plain numbers, which no pad releases. Only the ledger knows.

use crate::ipc::Slot;
use crate::lock::RawLock;
use crate::thread::Thread;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering::Relaxed};

/// Locks held at a time. Those beyond are not entered, and lost if no pad releases them.
const LOCKS: usize = 8;
/// Capabilities taken in one request and not kept. Those beyond are lost if it fails.
const CAPABILITIES: usize = 16;
/// A place without a slot in it.
const EMPTY: u64 = u64::MAX;

/// Used by its own thread only; atomic because a `static` has to be `Sync`.
pub(crate) struct Ledger {
    locks: [AtomicPtr<RawLock>; LOCKS],
    capabilities: [AtomicU64; CAPABILITIES],
    /// The capability that came with the request, which a second attempt needs again.
    given: AtomicU64,
    /// Locks and capabilities that found no place since the request began.
    locks_beyond: AtomicU32,
    capabilities_beyond: AtomicU32,
}

/// What the ledger found at the end of a request that failed.
#[derive(Clone, Copy, Default)]
pub(crate) struct Settlement {
    pub locks: u32,
    pub capabilities: u32,
    /// Both kinds: taken, not released, and not known any more.
    pub lost: u32,
}

impl Ledger {
    pub const fn new() -> Ledger {
        Ledger {
            locks: [const { AtomicPtr::new(null_mut()) }; LOCKS],
            capabilities: [const { AtomicU64::new(EMPTY) }; CAPABILITIES],
            given: AtomicU64::new(EMPTY),
            locks_beyond: AtomicU32::new(0),
            capabilities_beyond: AtomicU32::new(0),
        }
    }

    /// A lock that is about to be taken.
    pub fn enter_lock(&self, lock: &'static RawLock) {
        let lock = (&raw const *lock).cast_mut();
        match self.locks.iter().find(|place| place.load(Relaxed).is_null()) {
            Some(place) => place.store(lock, Relaxed),
            None => _ = self.locks_beyond.fetch_add(1, Relaxed),
        }
    }

    /// A lock that has been released.
    pub fn strike_lock(&self, lock: &'static RawLock) {
        let lock = (&raw const *lock).cast_mut();
        match self.locks.iter().find(|place| place.load(Relaxed) == lock) {
            Some(place) => place.store(null_mut(), Relaxed),
            None => _ = self.locks_beyond.fetch_sub(1, Relaxed),
        }
    }

    /// A capability that the request has taken.
    pub fn enter_capability(&self, slot: Slot) {
        match self.capabilities.iter().find(|place| place.load(Relaxed) == EMPTY) {
            Some(place) => place.store(slot.number(), Relaxed),
            None => _ = self.capabilities_beyond.fetch_add(1, Relaxed),
        }
    }

    /// A capability that has been given up, or become part of the service's state.
    pub fn strike_capability(&self, slot: Slot) {
        let mut places = self.capabilities.iter().chain([&self.given]);
        if let Some(place) = places.find(|place| place.load(Relaxed) == slot.number()) {
            place.store(EMPTY, Relaxed);
        }
    }

    /// The capability that came with a request, if one did.
    pub fn note_given(&self, slot: Option<Slot>) {
        self.given.store(slot.map_or(EMPTY, Slot::number), Relaxed);
    }

    /// Deletes it, unless it was kept; how many that were.
    pub fn release_given(&self) -> u32 {
        delete(&self.given)
    }

    /// Locks that are held now, as far as they are entered.
    pub fn held_locks(&self, owner: &Thread) -> u32 {
        self.locks.iter().filter(|place| held_lock(place, owner).is_some()).count() as u32
    }

    /// At the end of a request that succeeded: what it took is its business.
    pub fn close(&self) {
        for place in &self.capabilities {
            place.store(EMPTY, Relaxed);
        }
        self.capabilities_beyond.store(0, Relaxed);
    }

    /// Releases what `owner`, whose ledger this is, has taken and still holds: guards do not
    /// outlive a request.
    pub fn settle(&self, owner: &Thread) -> Settlement {
        let mut settlement = Settlement {
            lost: self.locks_beyond.swap(0, Relaxed) + self.capabilities_beyond.swap(0, Relaxed),
            ..Settlement::default()
        };
        for place in &self.locks {
            // It may have been entered and not taken any more, or released and not struck.
            if let Some(lock) = held_lock(place, owner) {
                lock.release(owner);
                settlement.locks += 1;
            }
            place.store(null_mut(), Relaxed);
        }
        for place in &self.capabilities {
            settlement.capabilities += delete(place);
        }
        settlement
    }
}

fn delete(place: &AtomicU64) -> u32 {
    let slot = place.swap(EMPTY, Relaxed);
    // It may have been deleted and not struck.
    u32::from(slot != EMPTY && Slot::from_number(slot).delete().is_ok())
}

fn held_lock(place: &AtomicPtr<RawLock>, owner: &Thread) -> Option<&'static RawLock> {
    // SAFETY: only static locks are entered.
    let lock = unsafe { place.load(Relaxed).as_ref() };
    lock.filter(|lock| lock.is_held_by(owner))
}
