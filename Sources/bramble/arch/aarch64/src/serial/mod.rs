//! Serial ports. The console is a PL011 on every board.

use crate::{board, debug};

#[cfg(board = "raspi3b")]
mod mini_uart;
mod pl011;

#[cfg(board = "raspi3b")]
pub use mini_uart::{MINI_UART, MiniUart};
pub use pl011::Pl011;

// SAFETY: the board has its PL011 there.
pub const CONSOLE: Pl011 = unsafe { Pl011::at(board::PL011) };

/// Makes the console's port ready to receive, and to interrupt when it has.
pub fn initialise() {
    CONSOLE.initialise();
}

/// Sends to the console; through the debugger if that uses the same port.
pub fn write(bytes: &[u8]) {
    if !debug::print(bytes) {
        bytes.iter().for_each(|&byte| CONSOLE.put(byte));
    }
}

/// The next byte that the console has received, unless the debugger uses the same port.
pub fn receive() -> Option<u8> {
    if debug::has_console() { None } else { CONSOLE.receive() }
}
