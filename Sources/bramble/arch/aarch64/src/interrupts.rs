//! The interrupt controller, a GICv2: one timer interrupt and one signal between CPUs.

use core::ptr;

use crate::address::LINEAR;

const DISTRIBUTOR: usize = LINEAR + 0x0800_0000;
const INTERFACE: usize = LINEAR + 0x0801_0000;

const GICD_CTLR: usize = DISTRIBUTOR;
const GICD_ISENABLER: usize = DISTRIBUTOR + 0x100;
const GICD_SGIR: usize = DISTRIBUTOR + 0xf00;
const GICC_CTLR: usize = INTERFACE;
const GICC_PMR: usize = INTERFACE + 0x4;
const GICC_IAR: usize = INTERFACE + 0xc;
const GICC_EOIR: usize = INTERFACE + 0x10;

/// Software-generated interrupt 0: look at your run queue.
const SIGNAL: u32 = 0;
/// Private interrupt of the virtual timer.
const TIMER: u32 = 27;

pub enum Interrupt {
    Timer,
    Signal,
    Spurious,
}

pub fn initialise() {
    write(GICD_CTLR, 1);
}

pub fn initialise_cpu() {
    write(GICD_ISENABLER, 1 << TIMER | 1 << SIGNAL);
    write(GICC_PMR, 0xff);
    write(GICC_CTLR, 1);
}

pub fn switch_off_cpu() {
    write(GICC_CTLR, 0);
}

/// Signals another CPU.
pub fn notify(cpu: usize) {
    write(GICD_SGIR, 1 << (16 + cpu) | SIGNAL);
}

/// Takes the pending interrupt. The timer's stays raised until its deadline is set anew.
pub fn acknowledge() -> Interrupt {
    let value = read(GICC_IAR);
    let interrupt = match value & 0x3ff {
        TIMER => Interrupt::Timer,
        SIGNAL => Interrupt::Signal,
        _ => return Interrupt::Spurious,
    };
    write(GICC_EOIR, value);
    interrupt
}

fn read(register: usize) -> u32 {
    // SAFETY: a register of the controller, mapped as device memory by boot.s.
    unsafe { ptr::read_volatile(register as *const u32) }
}

fn write(register: usize, value: u32) {
    // SAFETY: as above. What was written to memory before is visible to the CPU that is signalled.
    unsafe {
        core::arch::asm!("dsb ishst", options(nostack, preserves_flags));
        ptr::write_volatile(register as *mut u32, value)
    }
}
