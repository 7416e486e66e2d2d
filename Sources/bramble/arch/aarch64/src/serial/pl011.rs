//! The PL011, ARM's serial port (ARM DDI 0183).

use core::hint;

use crate::device::Device;

const DATA: usize = 0x0;
const FLAGS: usize = 0x18;
const LINE_CONTROL: usize = 0x2c;
const CONTROL: usize = 0x30;
const INTERRUPT_MASK: usize = 0x38;

const RECEIVE_EMPTY: u32 = 1 << 4;
const TRANSMIT_FULL: u32 = 1 << 5;
/// Eight bits, queues of sixteen bytes.
const EIGHT_BITS: u32 = 0b111 << 4;
/// Port, transmitter and receiver on.
const ON: u32 = 1 | 1 << 8 | 1 << 9;
/// Bytes have arrived; the last of them some time ago.
const RECEIVED: u32 = 1 << 4 | 1 << 6;

pub struct Pl011(Device);

impl Pl011 {
    /// # Safety
    /// A PL011 has its registers at `physical`.
    pub const unsafe fn at(physical: usize) -> Self {
        // SAFETY: as the caller says.
        Self(unsafe { Device::at(physical) })
    }

    pub fn initialise(&self) {
        self.0.write(LINE_CONTROL, EIGHT_BITS);
        self.0.write(CONTROL, ON);
        self.0.write(INTERRUPT_MASK, RECEIVED);
    }

    /// Waits for room, then sends.
    pub fn put(&self, byte: u8) {
        while self.0.read(FLAGS) & TRANSMIT_FULL != 0 {
            hint::spin_loop();
        }
        self.0.write(DATA, byte.into());
    }

    /// A byte that has arrived. Taking the last one ends the interrupt.
    pub fn receive(&self) -> Option<u8> {
        (self.0.read(FLAGS) & RECEIVE_EMPTY == 0).then(|| self.0.read(DATA) as u8)
    }
}
