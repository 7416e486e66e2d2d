//! Locks of programs, as far as somebody waits for them: `abi::lock` describes the word.
//!
//! A lock is handed from its holder to the first waiter inside one system call. A thread may fault
//! at any instruction, and the lock is held by somebody or free at each: no wake-up is lost.

use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};

use bramble_abi::Error;
use bramble_abi::lock::{CONTENDED, FREE, holder};

use crate::identifier::{SpaceId, Tid};
use crate::println;
use crate::queue::Queue;
use crate::space::{self, Space};
use crate::sync::Mutex;
use crate::thread::{self, Thread, Wait};
use crate::{timeouts, wait};

/// By space and address of the word.
pub static LOCK_MAP: Mutex<BTreeMap<LockId, UserLock>> = Mutex::new(BTreeMap::new());

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LockId {
    pub space: SpaceId,
    pub address: u64,
}

/// Exists while somebody waits.
pub struct UserLock {
    pub waiters: Queue<Thread>,
    /// Its holder has died, and the console was told.
    pub orphaned: bool,
}

/// Waits for a lock whose word was `seen`. Ends at once if the word has changed: the lock may be
/// free. After a wait, the word says who holds it.
pub fn wait(thread: &Thread, address: u64, seen: u64, patience: u64) -> Result<(), Error> {
    let space = thread.space.as_ref().ok_or(Error::BadAddress)?;
    let word = space.word(address)?;
    let own = holder(seen) == thread.id.0 as u64;
    if seen & CONTENDED == 0 || holder(seen) == 0 || own {
        return Err(Error::InvalidArgument);
    }
    if word.load(Ordering::Acquire) != seen {
        thread.finish(&[0]);
        return Ok(());
    }
    let id = LockId { space: space.id, address };
    thread.block(Wait::Lock(id));
    let mut map = LOCK_MAP.lock();
    let new = || UserLock { waiters: Queue::new(), orphaned: false };
    let lock = map.entry(id).or_insert_with(new);
    lock.waiters.push(thread.clone());
    timeouts::limit(thread, patience);
    if thread::find(Tid(holder(seen) as usize)).is_none_or(|holder| holder.is_dead()) {
        lock.report_orphan(id, seen);
    }
    Ok(())
}

/// Releases a lock and hands it to the first waiter. The caller holds it, or its holder has died.
pub fn wake(thread: &Thread, address: u64) -> Result<(), Error> {
    let space = thread.space.as_ref().ok_or(Error::BadAddress)?;
    let word = space.word(address)?;
    let holder = Tid(holder(word.load(Ordering::Acquire)) as usize);
    if holder != thread.id && thread::find(holder).is_some_and(|holder| !holder.is_dead()) {
        return Err(Error::InvalidArgument);
    }
    thread.finish(&[0]);
    hand_over(LockId { space: space.id, address }, word);
    Ok(())
}

/// Nobody at EL0 changes a word with `CONTENDED` in it, so a plain store is enough.
fn hand_over(id: LockId, word: &AtomicU64) {
    let mut map = LOCK_MAP.lock();
    let next = map.get_mut(&id).and_then(|lock| lock.waiters.pop());
    let contended = map.get(&id).is_some_and(|lock| lock.waiters.len() > 0);
    if !contended {
        map.remove(&id);
    }
    let Some(next) = next else { return word.store(FREE, Ordering::Release) };
    let flag = if contended { CONTENDED } else { 0 };
    word.store(next.id.0 as u64 | flag, Ordering::Release);
    wait::wake(&next, &[0]);
}

/// A thread waits no more. The word keeps its flag, which costs its holder one system call.
pub fn withdraw(thread: &Thread, id: LockId) {
    let mut map = LOCK_MAP.lock();
    let Some(lock) = map.get_mut(&id) else { return };
    lock.waiters.remove(thread);
    if lock.waiters.len() == 0 {
        map.remove(&id);
    }
}

/// Tells the console which locks a dead thread has left locked for others. The kernel does not
/// open them: what they protect is in a state that nobody knows.
pub fn forget(dead: &Thread) {
    for (&id, lock) in LOCK_MAP.lock().iter_mut() {
        let word = read(id);
        if word.is_some_and(|word| holder(word) == dead.id.0 as u64) {
            lock.report_orphan(id, dead.id.0 as u64);
        }
    }
}

/// The word of a lock; `None` if its memory has gone.
pub fn read(id: LockId) -> Option<u64> {
    let space: Space = space::find(id.space)?;
    Some(space.word(id.address).ok()?.load(Ordering::Acquire))
}

impl UserLock {
    fn report_orphan(&mut self, id: LockId, word: u64) {
        if !core::mem::replace(&mut self.orphaned, true) {
            let waiters: Vec<_> = self.waiters.iter().map(|waiter| waiter.id.to_string()).collect();
            println!(
                "orphaned lock: space={} address={:#x} owner={} waiters={}",
                id.space,
                id.address,
                holder(word),
                waiters.join(",")
            );
        }
    }
}
