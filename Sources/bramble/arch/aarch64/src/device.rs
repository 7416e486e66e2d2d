//! Registers of devices.

use core::arch::asm;
use core::ptr;

use crate::address::LINEAR;

/// The registers of one device, each 32 bits wide.
#[derive(Clone, Copy)]
pub struct Device(usize);

impl Device {
    /// # Safety
    /// `physical` is where a device of the board has its registers, below 2 GiB, where boot.s maps
    /// device memory.
    pub const unsafe fn at(physical: usize) -> Self {
        Self(physical + LINEAR)
    }

    pub fn read(self, offset: usize) -> u32 {
        // SAFETY: a register of the device, says whoever called `at`.
        unsafe { ptr::read_volatile((self.0 + offset) as *const u32) }
    }

    /// What was written to memory before is visible to whom the device signals.
    pub fn write(self, offset: usize, value: u32) {
        // SAFETY: as above.
        unsafe {
            asm!("dsb ishst", options(nostack, preserves_flags));
            ptr::write_volatile((self.0 + offset) as *mut u32, value)
        }
    }
}
