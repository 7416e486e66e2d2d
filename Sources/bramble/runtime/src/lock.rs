//! Locks that a recovery can account for.

use crate::recovery::Restart;
use crate::syscall::{numbers, yield_now};
use crate::thread::Thread;
use bramble_abi::lock::{CONTENDED, FREE, holder};
use bramble_abi::{Call, Error};
use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicU64, Ordering::*};

/// A lock that knows its holder, without data. One word (`abi::lock`) holds both facts, so that a
/// fault finds it taken by somebody or free, at every instruction.
pub(crate) struct RawLock {
    word: AtomicU64,
}

/// Why a lock was not acquired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The calling thread holds it already: an error that can be seen is better than a thread that
    /// waits for itself.
    AlreadyHeld,
    TimedOut,
}

impl RawLock {
    pub const fn new() -> RawLock {
        RawLock { word: AtomicU64::new(FREE) }
    }

    /// Waits for the lock, no longer than `patience` nanoseconds (0: for ever).
    pub fn acquire(&self, patience: u64) -> Result<(), Refusal> {
        let thread = Thread::current_id();
        loop {
            let seen = match self.word.compare_exchange(FREE, thread, Acquire, Relaxed) {
                Ok(_) => return Ok(()),
                Err(seen) if holder(seen) == thread => return Err(Refusal::AlreadyHeld),
                Err(seen) => seen,
            };
            let contended = seen | CONTENDED;
            if self.word.compare_exchange(seen, contended, Relaxed, Relaxed).is_err() {
                continue;
            }
            let address = (&raw const self.word) as u64;
            match numbers(Call::LockWait, [address, contended, patience]) {
                Err(Error::TimedOut) => return Err(Refusal::TimedOut),
                // The kernel does not know the holder, or has no authority from this domain.
                Err(_) => yield_now(),
                Ok(_) if holder(self.word.load(Acquire)) == thread => return Ok(()),
                Ok(_) => {}
            }
        }
    }

    /// False, and nothing else, if `thread` does not hold it: a second release.
    pub fn release(&self, thread: &Thread) -> bool {
        if self.word.compare_exchange(thread.id(), FREE, Release, Relaxed).is_ok() {
            return true;
        }
        // Somebody waits: the kernel hands the lock over at one stroke.
        let address = (&raw const self.word) as u64;
        self.is_held_by(thread) && numbers(Call::LockWake, [address]).is_ok()
    }

    /// Frees it, whoever held it. Nobody waits for it.
    fn reset(&self) {
        self.word.store(FREE, Release);
    }

    pub fn is_held_by(&self, thread: &Thread) -> bool {
        holder(self.word.load(Relaxed)) == thread.id()
    }
}

/// Mutual exclusion between threads of one space. Not poisoned by a panic: a guard's drop in a
/// landing pad is what recovery is about, and a request that was given up may be repeated.
pub struct Mutex<T> {
    lock: RawLock,
    data: UnsafeCell<T>,
}

// SAFETY: `data` is reached through a guard only, of which there is one at a time.
unsafe impl<T: Send> Sync for Mutex<T> {}

/// Holds a lock until it is dropped.
pub struct Guard<T: 'static> {
    mutex: &'static Mutex<T>,
}

impl<T> Mutex<T> {
    pub const fn new(data: T) -> Mutex<T> {
        Mutex { lock: RawLock::new(), data: UnsafeCell::new(data) }
    }

    /// Waits for the lock. Only statics can be locked, as the ledger outlives everything else.
    ///
    /// # Panics
    /// If the calling thread holds it already.
    pub fn lock(&'static self) -> Guard<T> {
        match self.acquire(0) {
            Some(guard) => guard,
            None => unreachable!("a wait without a time-out has ended"),
        }
    }

    /// Waits for the lock, but no longer than `patience` nanoseconds: then `None`.
    ///
    /// # Panics
    /// If the calling thread holds it already.
    pub fn lock_within(&'static self, patience: u64) -> Option<Guard<T>> {
        self.acquire(patience.max(1))
    }

    fn acquire(&'static self, patience: u64) -> Option<Guard<T>> {
        let thread = Thread::current();
        // Before it is taken, so that no fault comes between.
        if let Some(thread) = thread {
            thread.ledger.enter_lock(&self.lock);
        }
        match self.lock.acquire(patience) {
            Ok(()) => Some(Guard { mutex: self }),
            Err(Refusal::AlreadyHeld) => panic!("lock is held by this thread already"),
            Err(Refusal::TimedOut) => {
                thread.inspect(|thread| thread.ledger.strike_lock(&self.lock));
                None
            }
        }
    }

    /// Begins anew with `data`, for a service whose state nobody trusts any more. What was there is
    /// forgotten, not dropped, and so is the lock: its holder is whoever failed.
    pub fn reset(&'static self, data: T, _: &Restart) {
        // SAFETY: a service is restarted when its only thread has given up all it did, guards and
        // references included; only then there is a `Restart`.
        unsafe { self.data.get().write(data) };
        self.lock.reset();
    }

    /// Only opens the lock, for data that owns nothing and is right at every instruction.
    pub fn unlock(&'static self, _: &Restart)
    where
        T: Copy,
    {
        self.lock.reset();
    }
}

impl<T> Deref for Guard<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the lock is held as long as the guard lives.
        unsafe { &*self.mutex.data.get() }
    }
}

impl<T> DerefMut for Guard<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the guard is borrowed mutably.
        unsafe { &mut *self.mutex.data.get() }
    }
}

impl<T> Drop for Guard<T> {
    fn drop(&mut self) {
        let Some(thread) = Thread::current() else { return };
        if self.mutex.lock.release(thread) {
            thread.released.fetch_add(1, Relaxed);
            thread.ledger.strike_lock(&self.mutex.lock);
        } else {
            thread.double_releases.fetch_add(1, Relaxed);
        }
    }
}
