//! The mini-UART, the second serial port of a Raspberry Pi (BCM2835 ARM Peripherals, chapter 2).

use core::hint;

use crate::board;
use crate::device::Device;

const ENABLES: usize = 0x4;
const DATA: usize = 0x40;
const INTERRUPTS: usize = 0x44;
const LINE_CONTROL: usize = 0x4c;
const LINE_STATUS: usize = 0x54;
const CONTROL: usize = 0x60;

const RECEIVED: u32 = 1;
const TRANSMIT_ROOM: u32 = 1 << 5;

pub struct MiniUart(Device);

// SAFETY: the board has its auxiliary peripherals there.
pub const MINI_UART: MiniUart = MiniUart(unsafe { Device::at(board::AUXILIARY) });

impl MiniUart {
    /// Port on, eight bits, an interrupt for what arrives.
    pub fn initialise(&self) {
        self.0.write(ENABLES, self.0.read(ENABLES) | 1);
        self.0.write(LINE_CONTROL, 0b11);
        self.0.write(CONTROL, 0b11);
        self.0.write(INTERRUPTS, RECEIVED);
    }

    /// Waits for room, then sends.
    pub fn put(&self, byte: u8) {
        while self.0.read(LINE_STATUS) & TRANSMIT_ROOM == 0 {
            hint::spin_loop();
        }
        self.0.write(DATA, byte.into());
    }

    /// A byte that has arrived. Taking the last one ends the interrupt.
    pub fn receive(&self) -> Option<u8> {
        (self.0.read(LINE_STATUS) & RECEIVED != 0).then(|| self.0.read(DATA) as u8)
    }
}
