//! Trace rings: the newest events of one kind, in an array that a debugger reads at a stroke.

/// The last `N` events. Event number s, counted from 1, lies at `entries[(s - 1) % N]`. Entries
/// hold no pointers: whoever copies a ring out of memory has all there is to know.
pub struct Ring<T, const N: usize> {
    /// Number of the next event.
    pub next_sequence: u64,
    /// Events that had to make room.
    pub overwritten: u64,
    pub entries: [Option<T>; N],
}

impl<T: Copy, const N: usize> Ring<T, N> {
    pub const fn new() -> Self {
        Self { next_sequence: 1, overwritten: 0, entries: [const { None }; N] }
    }

    /// Appends what `make` makes of the event's number.
    pub fn append(&mut self, make: impl FnOnce(u64) -> T) {
        let place = ((self.next_sequence - 1) % N as u64) as usize;
        let old = self.entries[place].replace(make(self.next_sequence));
        self.overwritten += u64::from(old.is_some());
        self.next_sequence += 1;
    }

    /// What is there, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let oldest = (self.overwritten % N as u64) as usize;
        let (newer, older) = self.entries.split_at(oldest);
        older.iter().chain(newer).flatten()
    }
}
