//! Queues of threads: the highest priority first, then whoever came first.

use alloc::collections::BTreeMap;
use core::cmp::Reverse;

use crate::thread::Thread;

/// Everything that an operation does takes time in the logarithm of the length only.
pub struct Queue<T> {
    pub entries: BTreeMap<Place, T>,
    arrivals: u64,
}

/// Where a thread stands in the queue that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    priority: Reverse<u8>,
    arrival: u64,
}

/// An entry of a queue. A thread is in one queue at a time, and knows its place there.
pub trait Queued {
    fn thread(&self) -> &Thread;
}

impl Queued for Thread {
    fn thread(&self) -> &Thread {
        self
    }
}

impl<T: Queued> Queue<T> {
    pub const fn new() -> Self {
        Self { entries: BTreeMap::new(), arrivals: 0 }
    }

    pub fn push(&mut self, entry: T) {
        let priority = Reverse(entry.thread().priority);
        let place = Place { priority, arrival: self.arrivals };
        self.arrivals += 1;
        let before = entry.thread().place.lock().replace(place);
        assert!(before.is_none(), "a thread in two queues");
        self.entries.insert(place, entry);
    }

    pub fn pop(&mut self) -> Option<T> {
        let (_, entry) = self.entries.pop_first()?;
        *entry.thread().place.lock() = None;
        Some(entry)
    }

    /// Takes a thread out that stands in this queue, if it does in any.
    pub fn remove(&mut self, thread: &Thread) -> Option<T> {
        let place = thread.place.lock().take()?;
        let entry = self.entries.remove(&place);
        assert!(entry.is_some(), "a thread in another queue than it should be");
        entry
    }

    /// The highest priority in the queue.
    pub fn urgency(&self) -> Option<u8> {
        self.entries.first_key_value().map(|(place, _)| place.priority.0)
    }

    /// First to last.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.values()
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }
}
