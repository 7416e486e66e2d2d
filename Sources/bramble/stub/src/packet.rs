//! Frames around packets: `$content#sum`, acknowledged by `+` or refused by `-`.

use crate::hex;

/// The longest content of a packet, in either direction.
pub const SIZE: usize = 4096;

/// Collects one packet from single bytes. Escaped bytes are stored as what they stand for.
pub struct Receiver {
    state: State,
    bytes: [u8; SIZE],
    length: usize,
    sum: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Outside,
    Content,
    Escape,
    /// The first digit of the sum is next.
    Sum,
    /// The second one is; this was the first.
    SumEnd(u8),
}

/// What a byte has brought about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Nothing,
    /// A packet has begun.
    Begun,
    /// A packet is complete: see `content`.
    Packet,
    /// A packet was damaged.
    Damaged,
    Acknowledged,
    Refused,
    /// The byte 0x03 between packets.
    Interrupt,
}

impl Receiver {
    pub const fn new() -> Self {
        Self { state: State::Outside, bytes: [0; SIZE], length: 0, sum: 0 }
    }

    /// The last packet; `None` if it was too long to keep.
    pub fn content(&self) -> Option<&[u8]> {
        self.bytes.get(..self.length)
    }

    pub fn take(&mut self, byte: u8) -> Event {
        match (self.state, byte) {
            // A packet cannot contain this byte: the last one was cut off.
            (_, b'$') => {
                self.state = State::Content;
                self.length = 0;
                self.sum = 0;
                return Event::Begun;
            }
            (State::Outside, b'+') => return Event::Acknowledged,
            (State::Outside, b'-') => return Event::Refused,
            (State::Outside, 0x03) => return Event::Interrupt,
            (State::Outside, _) => {}
            (State::Content | State::Escape, b'#') => self.state = State::Sum,
            (State::Content, b'}') => {
                self.sum = self.sum.wrapping_add(byte);
                self.state = State::Escape;
            }
            (State::Content, _) => self.store(byte, byte),
            (State::Escape, _) => {
                self.store(byte, byte ^ 0x20);
                self.state = State::Content;
            }
            (State::Sum, _) => self.state = State::SumEnd(byte),
            (State::SumEnd(first), _) => {
                self.state = State::Outside;
                let mut sum = [0];
                let is_right =
                    hex::decode(&[first, byte], &mut sum).is_some() && sum[0] == self.sum;
                return if is_right { Event::Packet } else { Event::Damaged };
            }
        }
        Event::Nothing
    }

    /// Counts bytes that no longer fit, so that `content` can tell.
    fn store(&mut self, raw: u8, byte: u8) {
        self.sum = self.sum.wrapping_add(raw);
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
        }
        self.length = self.length.saturating_add(1);
    }
}

/// Sends `content`, which is escaped already where it has to be, in a frame.
pub fn send(content: &[u8], mut put: impl FnMut(u8)) {
    put(b'$');
    let sum = content.iter().fold(0u8, |sum, &byte| {
        put(byte);
        sum.wrapping_add(byte)
    });
    put(b'#');
    put(hex::character(sum >> 4));
    put(hex::character(sum));
}
