//! The serial port to the debugger: a Raspberry Pi's second one; where there is no second one, the
//! console's.

use core::sync::atomic::{AtomicBool, Ordering};

use crate::interrupts;

#[cfg(not(board = "raspi3b"))]
use crate::{board::CONSOLE_LINE as LINE, serial::CONSOLE as DEVICE};
#[cfg(board = "raspi3b")]
use crate::{board::MINI_UART_LINE as LINE, serial::MINI_UART as DEVICE};

/// Is it the console's?
pub const IS_CONSOLE: bool = cfg!(not(board = "raspi3b"));

/// Whether the debugger may use it.
static IS_OPEN: AtomicBool = AtomicBool::new(false);

/// Every byte that arrives from now on raises a fast interrupt.
pub fn open() {
    DEVICE.initialise();
    interrupts::enable_fast(LINE);
    IS_OPEN.store(true, Ordering::Release);
}

pub fn is_open() -> bool {
    IS_OPEN.load(Ordering::Acquire)
}

pub fn put(byte: u8) {
    DEVICE.put(byte);
}

pub fn receive() -> Option<u8> {
    DEVICE.receive()
}
