//! The packet that goes out.

use crate::hex;
use crate::packet::SIZE;

/// A packet's content, without frame. What does not fit is dropped and remembered.
pub struct Reply {
    bytes: [u8; SIZE],
    length: usize,
    is_cut: bool,
}

impl Reply {
    pub const fn new() -> Self {
        Self { bytes: [0; SIZE], length: 0, is_cut: false }
    }

    pub fn clear(&mut self) {
        self.length = 0;
        self.is_cut = false;
    }

    /// The content; an error when it did not fit.
    pub fn bytes(&self) -> &[u8] {
        if self.is_cut { b"E.reply too long" } else { &self.bytes[..self.length] }
    }

    /// Bytes that still fit.
    pub fn room(&self) -> usize {
        SIZE - self.length
    }

    pub fn byte(&mut self, byte: u8) {
        match self.bytes.get_mut(self.length) {
            Some(place) => {
                *place = byte;
                self.length += 1;
            }
            None => self.is_cut = true,
        }
    }

    pub fn text(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.byte(byte));
    }

    /// Two digits per byte.
    pub fn hex_bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.byte(hex::character(byte >> 4));
            self.byte(hex::character(byte));
        }
    }

    /// A number without leading zeros.
    pub fn hex_number(&mut self, value: u64) {
        let digits = (64 - value.leading_zeros()).div_ceil(4).max(1);
        for place in (0..digits).rev() {
            self.byte(hex::character((value >> (4 * place)) as u8));
        }
    }

    /// A byte of binary data, escaped where the protocol needs it.
    pub fn binary(&mut self, byte: u8) {
        if matches!(byte, b'#' | b'$' | b'}' | b'*') {
            self.byte(b'}');
            self.byte(byte ^ 0x20);
        } else {
            self.byte(byte);
        }
    }

    /// `OK`, nothing for what is not supported, or `E14` (bad address).
    pub fn outcome(&mut self, result: Result<(), crate::Refusal>) {
        match result {
            Ok(()) => self.text("OK"),
            Err(crate::Refusal::Unsupported) => {}
            Err(crate::Refusal::Failed) => self.text(BAD_ADDRESS),
        }
    }
}

pub const BAD_ADDRESS: &str = "E14";
pub const MALFORMED: &str = "E22";
