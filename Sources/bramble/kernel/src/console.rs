//! The console: lines on the serial port.

use alloc::string::String;
use core::fmt::{self, Write};
use core::sync::atomic::{AtomicBool, Ordering};

use crate::arch;

/// Longest line that is kept back until its end arrives.
const LONGEST_LINE: usize = 512;

/// The line that is being typed has no end yet.
static OPEN: AtomicBool = AtomicBool::new(false);

/// Writes straight to the serial port. The kernel lock keeps lines apart; a line that is being
/// typed is left as it is, on a line of its own.
pub struct Port;

impl Write for Port {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if OPEN.swap(false, Ordering::Relaxed) {
            arch::serial::write(b"\r\n");
        }
        for piece in text.split_inclusive('\n') {
            match piece.strip_suffix('\n') {
                Some(line) => {
                    arch::serial::write(line.as_bytes());
                    arch::serial::write(b"\r\n");
                }
                None => arch::serial::write(piece.as_bytes()),
            }
        }
        Ok(())
    }
}

fn put(byte: u8) {
    if byte == b'\n' {
        arch::serial::write(b"\r");
    }
    arch::serial::write(&[byte]);
}

/// Writes a part of the line that is being typed: what the console server echoes.
pub fn echo(bytes: &[u8]) {
    const BELL: u8 = 0x07;
    const BACKSPACE: u8 = 0x08;
    for &byte in bytes {
        if matches!(byte, b'\n' | b' '..=b'~' | BELL | BACKSPACE) {
            put(byte);
            OPEN.store(byte != b'\n', Ordering::Relaxed);
        }
    }
}

/// What a domain has written of its current line. It reaches the port whole, so that lines of
/// different domains never mix.
#[derive(Default)]
pub struct Line(String);

impl Line {
    pub fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            // Control characters would let a domain forge or erase lines of others.
            let character = match byte {
                b'\n' | b'\t' | b' '..=b'~' => byte as char,
                _ => '?',
            };
            self.0.push(character);
            if byte == b'\n' || self.0.len() >= LONGEST_LINE {
                self.flush();
            }
        }
    }

    fn flush(&mut self) {
        if !self.0.ends_with('\n') {
            self.0.push('\n');
        }
        let _ = Port.write_str(&self.0);
        self.0.clear();
    }
}

#[macro_export]
macro_rules! println {
    ($($argument:tt)*) => {{
        use core::fmt::Write;
        // The port cannot fail.
        let _ = writeln!($crate::console::Port, $($argument)*);
    }};
}
