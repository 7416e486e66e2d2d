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

#[cfg(test)]
mod tests {
    use super::Ring;

    /// Rings of three after 0...10 events: what is left is the newest, oldest first.
    #[test]
    fn keeps_the_newest_in_order() {
        let mut ring = Ring::<u64, 3>::new();
        for appended in 0..=10u64 {
            let kept: Vec<u64> = (1..=appended).skip(appended.saturating_sub(3) as usize).collect();
            assert_eq!(ring.iter().copied().collect::<Vec<_>>(), kept);
            assert_eq!(ring.overwritten, appended.saturating_sub(3));
            assert_eq!(ring.next_sequence, appended + 1);
            ring.append(|sequence| sequence);
        }
    }

    #[test]
    fn an_event_lies_where_its_number_says() {
        let mut ring = Ring::<u64, 4>::new();
        for _ in 0..9 {
            ring.append(|sequence| sequence);
        }
        for sequence in 6..=9u64 {
            assert_eq!(ring.entries[((sequence - 1) % 4) as usize], Some(sequence));
        }
    }
}
