//! The PL011 serial port, transmitting only.

use core::ptr;

use crate::address::LINEAR;

const BASE: usize = LINEAR + 0x0900_0000;
const DATA: *mut u32 = BASE as *mut u32;
const FLAGS: *const u32 = (BASE + 0x18) as *const u32;
const TRANSMIT_FULL: u32 = 1 << 5;

pub fn put(byte: u8) {
    // SAFETY: the registers of the port, mapped as device memory by boot.s.
    unsafe {
        while ptr::read_volatile(FLAGS) & TRANSMIT_FULL != 0 {}
        ptr::write_volatile(DATA, byte.into());
    }
}
