//! Locks that a recovery can account for.

use crate::recovery::Restart;
use crate::syscall::yield_now;
use crate::thread::Thread;
use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicU64, Ordering::*};

/// A lock that knows its holder, without data. One word holds both facts, so that a fault finds it
/// taken by somebody or free, at every instruction.
pub(crate) struct RawLock {
    /// Top of the holder's stack, which identifies the thread; 0 while free.
    holder: AtomicU64,
}

impl RawLock {
    pub const fn new() -> RawLock {
        RawLock { holder: AtomicU64::new(0) }
    }

    /// Waits for the lock. False if the calling thread holds it already: an error that can be
    /// seen is better than a thread that spins for ever.
    #[must_use]
    pub fn acquire(&self) -> bool {
        let thread = Thread::current().map_or(u64::MAX, Thread::stack_top);
        loop {
            match self.holder.compare_exchange(0, thread, Acquire, Relaxed) {
                Ok(_) => return true,
                Err(holder) if holder == thread => return false,
                Err(_) => yield_now(),
            }
        }
    }

    /// False, and nothing else, if `thread` does not hold it: a second release.
    pub fn release(&self, thread: &Thread) -> bool {
        self.holder.compare_exchange(thread.stack_top(), 0, Release, Relaxed).is_ok()
    }

    /// Frees it, whoever held it.
    fn reset(&self) {
        self.holder.store(0, Release);
    }

    pub fn is_held_by(&self, thread: &Thread) -> bool {
        thread.stack_top() == self.holder.load(Relaxed)
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
        // Before it is taken, so that no fault comes between.
        if let Some(thread) = Thread::current() {
            thread.ledger.enter_lock(&self.lock);
        }
        assert!(self.lock.acquire(), "lock is held by this thread already");
        Guard { mutex: self }
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
