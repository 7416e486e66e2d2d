//! Serial ports. The console is a PL011 on every board.

use crate::board;

#[cfg(board = "raspi3b")]
pub mod mini_uart;
mod pl011;

use pl011::Pl011;

// SAFETY: the board has its PL011 there.
pub const CONSOLE: Pl011 = unsafe { Pl011::at(board::PL011) };

/// Makes the console's port ready to receive, and to interrupt when it has.
pub fn initialise() {
    CONSOLE.initialise();
}

/// Sends a byte to the console.
pub fn put(byte: u8) {
    CONSOLE.put(byte);
}

/// The next byte that the console has received.
pub fn receive() -> Option<u8> {
    CONSOLE.receive()
}
