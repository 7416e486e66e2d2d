//! What the kernel leaves behind when it panics, for whoever reads its memory: live, or from a
//! dump.

use core::fmt::{self, Write};
use core::panic::PanicInfo;

use crate::arch::{self, Registers, timer};
use crate::cpu;
use crate::identifier::Tid;
use crate::sync::Mutex;

/// `None` as long as all is well.
pub static CRASH: Mutex<Option<Crash>> = Mutex::new(None);

/// The last words of the kernel.
pub struct Crash {
    pub cpu: usize,
    /// The thread whose trap was being handled; the idle thread's if an interrupt was.
    pub thread: Option<Tid>,
    /// Nanoseconds since boot.
    pub time: u64,
    pub message: Text,
    /// File, line, column.
    pub place: Text,
    /// Those of the panicking CPU, in the panic handler: the stack leads to the cause.
    pub registers: Registers,
}

/// A text that needs no heap, which may be what is broken. What does not fit is cut off.
pub struct Text {
    bytes: [u8; 240],
    count: usize,
}

/// Writes down who panicked and why.
pub fn record(info: &PanicInfo, registers: Registers) {
    let message = Text::new(format_args!("{}", info.message()));
    let place = info.location().map_or(Text::EMPTY, |place| Text::new(format_args!("{place}")));
    let cpu = arch::cpu_id();
    let thread = cpu::with(cpu, |cpu| cpu.current.as_ref().map(|thread| thread.id));
    let time = timer::now();
    if let Some(mut crash) = CRASH.try_lock() {
        *crash = Some(Crash { cpu, thread, time, message, place, registers });
    }
}

impl Text {
    const EMPTY: Text = Text { bytes: [0; 240], count: 0 };

    fn new(arguments: fmt::Arguments) -> Text {
        let mut text = Text::EMPTY;
        // A text that is cut off cannot fail.
        let _ = text.write_fmt(arguments);
        text
    }

    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..self.count]).unwrap_or("?")
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let count = text.floor_char_boundary(self.bytes.len() - self.count);
        self.bytes[self.count..self.count + count].copy_from_slice(&text.as_bytes()[..count]);
        self.count += count;
        Ok(())
    }
}
