//! `println!`: one system call per line, so that lines of different threads never mix.

use crate::ipc::Slot;
use crate::start::program_name;
use bramble_abi::{Call, Error};
use core::fmt::{self, Arguments, Write};

/// What one system call can print.
const LINE: usize = 256;

/// A line being formatted; what does not fit is cut off.
struct Line {
    bytes: [u8; LINE],
    count: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // One byte stays free for the end of the line.
        let free = &mut self.bytes[self.count..LINE - 1];
        let count = text.len().min(free.len());
        free[..count].copy_from_slice(&text.as_bytes()[..count]);
        self.count += count;
        Ok(())
    }
}

/// Prints `[program] text`.
pub fn print_line(text: Arguments) {
    let mut line = Line { bytes: [0; LINE], count: 0 };
    // Formatting into a line that is cut off cannot fail.
    let _ = write!(line, "[{}] {}", program_name(), text);
    line.bytes[line.count] = b'\n';
    // A program without a console goes on in silence.
    let _ = echo(&line.bytes[..line.count + 1]);
}

/// Prints a line as it is, for a program that its user talks to.
pub fn answer_line(text: Arguments) {
    let mut line = Line { bytes: [0; LINE], count: 0 };
    let _ = line.write_fmt(text);
    line.bytes[line.count] = b'\n';
    let _ = echo(&line.bytes[..line.count + 1]);
}

/// Writes bytes to the console; a server that may edit the console's line, without waiting for the
/// line's end.
pub fn echo(bytes: &[u8]) -> Result<(), Error> {
    for part in bytes.chunks(LINE) {
        let (address, count) = (part.as_ptr() as u64, part.len() as u64);
        let arguments = [Slot::CONSOLE.number(), address, count, 0, 0, 0, 0, 0];
        // SAFETY: the kernel only reads the bytes, which outlive the call.
        unsafe { crate::syscall::invoke(Call::ConsoleWrite, arguments)? };
    }
    Ok(())
}

/// Takes bytes that the console has received, without waiting for any; how many.
pub fn read(buffer: &mut [u8]) -> Result<usize, Error> {
    let (address, count) = (buffer.as_mut_ptr() as u64, buffer.len() as u64);
    let arguments = [Slot::CONSOLE.number(), address, count, 0, 0, 0, 0, 0];
    // SAFETY: the kernel writes to the buffer only, and not after the call.
    let results = unsafe { crate::syscall::invoke(Call::ConsoleRead, arguments)? };
    Ok((results[0] as usize).min(buffer.len()))
}

#[macro_export]
macro_rules! answer {
    ($($argument:tt)*) => { $crate::console::answer_line(format_args!($($argument)*)) };
}

#[macro_export]
macro_rules! println {
    ($($argument:tt)*) => { $crate::console::print_line(format_args!($($argument)*)) };
}
