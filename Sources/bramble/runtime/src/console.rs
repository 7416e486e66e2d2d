//! `println!`: one system call per line, so that lines of different threads never mix.

use crate::ipc::Slot;
use crate::start::program_name;
use bramble_abi::{Call, Error};
use core::fmt::{Arguments, Result, Write};

/// What one system call can print.
const LINE: usize = 256;

/// A line being formatted; what does not fit is cut off.
struct Line {
    bytes: [u8; LINE],
    count: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> Result {
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
    let (address, count) = (line.bytes.as_ptr() as u64, line.count as u64 + 1);
    let arguments = [Slot::CONSOLE.number(), address, count, 0, 0, 0, 0, 0];
    // SAFETY: the kernel only reads the line, which outlives the call. A program without a
    // console goes on in silence.
    let _ = unsafe { crate::syscall::invoke(Call::ConsoleWrite, arguments) };
}

/// Takes bytes that have arrived, perhaps none; how many. For the console server.
pub fn read(bytes: &mut [u8]) -> core::result::Result<usize, Error> {
    let (address, count) = (bytes.as_mut_ptr() as u64, bytes.len() as u64);
    let arguments = [Slot::CONSOLE.number(), address, count, 0, 0, 0, 0, 0];
    // SAFETY: the kernel writes no more than `count` bytes, which are borrowed until then.
    let results = unsafe { crate::syscall::invoke(Call::ConsoleRead, arguments) }?;
    Ok(results[0] as usize)
}

#[macro_export]
macro_rules! println {
    ($($argument:tt)*) => { $crate::console::print_line(format_args!($($argument)*)) };
}
