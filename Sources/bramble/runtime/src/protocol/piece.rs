//! Bytes in two words of a message.

/// Sixteen bytes, the first in the lowest byte of the first word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Piece(pub [u8; Piece::SIZE]);

impl Piece {
    pub const SIZE: usize = 16;

    pub fn from_words([low, high]: [u64; 2]) -> Piece {
        Piece((u128::from(low) | u128::from(high) << 64).to_le_bytes())
    }

    pub fn words(self) -> [u64; 2] {
        let value = u128::from_le_bytes(self.0);
        [value as u64, (value >> 64) as u64]
    }
}
