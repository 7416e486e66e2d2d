//! The mini-UART, the second serial port of a Raspberry Pi (BCM2835 ARM Peripherals, chapter 2).

use core::hint;

use crate::board;
use crate::device::Device;

// SAFETY: the board has its auxiliary peripherals there.
const PORT: Device = unsafe { Device::at(board::AUXILIARY) };

const ENABLES: usize = 0x4;
const DATA: usize = 0x40;
const INTERRUPTS: usize = 0x44;
const LINE_CONTROL: usize = 0x4c;
const LINE_STATUS: usize = 0x54;
const CONTROL: usize = 0x60;

const RECEIVED: u32 = 1;
const TRANSMIT_ROOM: u32 = 1 << 5;

/// Port on, eight bits, an interrupt for what arrives.
pub fn initialise() {
    PORT.write(ENABLES, PORT.read(ENABLES) | 1);
    PORT.write(LINE_CONTROL, 0b11);
    PORT.write(CONTROL, 0b11);
    PORT.write(INTERRUPTS, RECEIVED);
}

/// Waits for room, then sends.
pub fn put(byte: u8) {
    while PORT.read(LINE_STATUS) & TRANSMIT_ROOM == 0 {
        hint::spin_loop();
    }
    PORT.write(DATA, byte.into());
}

/// A byte that has arrived. Taking the last one ends the interrupt.
pub fn receive() -> Option<u8> {
    (PORT.read(LINE_STATUS) & RECEIVED != 0).then(|| PORT.read(DATA) as u8)
}
