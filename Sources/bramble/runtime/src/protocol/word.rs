//! A short text in one word of a message.

use core::fmt::{Display, Formatter, Result};

/// Up to eight bytes of ASCII, the first in the lowest byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word(pub u64);

impl Word {
    /// What exceeds eight bytes is cut off.
    pub const fn new(text: &str) -> Word {
        let bytes = text.as_bytes();
        let mut word = 0;
        let mut index = 0;
        while index < bytes.len() && index < 8 {
            word |= (bytes[index] as u64) << (8 * index);
            index += 1;
        }
        Word(word)
    }

    /// Printable characters, at least one, and nothing behind the first zero?
    pub fn is_text(self) -> bool {
        let bytes = self.0.to_le_bytes();
        let count = bytes.iter().take_while(|byte| byte.is_ascii_graphic()).count();
        count > 0 && bytes[count..].iter().all(|&byte| byte == 0)
    }
}

impl Display for Word {
    fn fmt(&self, formatter: &mut Formatter) -> Result {
        let bytes = self.0.to_le_bytes();
        for byte in bytes.into_iter().take_while(|&byte| byte != 0) {
            let character = if byte.is_ascii_graphic() { char::from(byte) } else { '?' };
            write!(formatter, "{character}")?;
        }
        Ok(())
    }
}
