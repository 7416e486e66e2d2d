//! A GICv2 (ARM IHI 0048) without security extensions: group 0 raises fast interrupts, group 1 the
//! others.

use core::sync::atomic::{AtomicU32, Ordering};

use super::Interrupt;
use crate::device::Device;
use crate::{board, cpu_id};

// SAFETY: the board has its GIC there.
const DISTRIBUTOR: Device = unsafe { Device::at(board::GIC_DISTRIBUTOR) };
// SAFETY: as above.
const INTERFACE: Device = unsafe { Device::at(board::GIC_INTERFACE) };

const GICD_CTLR: usize = 0x0;
const GICD_IGROUPR: usize = 0x80;
const GICD_ISENABLER: usize = 0x100;
const GICD_ICENABLER: usize = 0x180;
const GICD_ITARGETSR: usize = 0x800;
const GICD_SGIR: usize = 0xf00;
const GICC_CTLR: usize = 0x0;
const GICC_PMR: usize = 0x4;
const GICC_IAR: usize = 0xc;
const GICC_EOIR: usize = 0x10;

/// Group 0 on, group 0 as fast interrupts.
const FAST: u32 = 1 | 1 << 3;
/// Group 1 on, and acknowledged like group 0: QEMU has no registers of its own for that.
const NORMAL: u32 = 1 << 1 | 1 << 2;

/// Software-generated interrupt: look at your run queue.
const SIGNAL: u32 = 0;
/// Software-generated, fast: halt for the debugger.
const STOP: u32 = 1;
/// Private interrupt of the virtual timer.
const TIMER: u32 = 27;
/// First line of a device, and first number that is none.
const FIRST_LINE: u32 = 32;
const LINES_END: u32 = 1020;

/// The line that raises fast interrupts, if any.
static FAST_LINE: AtomicU32 = AtomicU32::new(0);

pub fn initialise() {
    DISTRIBUTOR.write(GICD_CTLR, 0b11);
}

pub fn initialise_cpu() {
    DISTRIBUTOR.write(GICD_IGROUPR, !(1 << STOP));
    DISTRIBUTOR.write(GICD_ISENABLER, 1 << TIMER | 1 << SIGNAL | 1 << STOP);
    INTERFACE.write(GICC_PMR, 0xff);
    INTERFACE.write(GICC_CTLR, FAST | NORMAL);
}

/// Leaves this CPU fast interrupts only.
pub fn switch_off_cpu() {
    INTERFACE.write(GICC_CTLR, FAST);
}

/// Signals another CPU.
pub fn notify(cpu: usize) {
    DISTRIBUTOR.write(GICD_SGIR, 1 << (16 + cpu) | SIGNAL);
}

/// Raises a fast interrupt on another CPU.
pub fn stop(cpu: usize) {
    DISTRIBUTOR.write(GICD_SGIR, 1 << (16 + cpu) | STOP);
}

/// Is there a device's line of this number?
pub fn is_line(line: u32) -> bool {
    (FIRST_LINE..LINES_END).contains(&line)
}

/// Lets the device on this line interrupt CPU 0, unless it raises fast interrupts.
pub fn enable(line: u32) {
    assert!(is_line(line));
    if line == FAST_LINE.load(Ordering::Relaxed) {
        return;
    }
    change(GICD_IGROUPR, line, |word, bit| word | bit);
    route(line);
}

/// Lets the device on this line, and no other, raise fast interrupts on CPU 0.
pub fn enable_fast(line: u32) {
    assert!(is_line(line));
    FAST_LINE.store(line, Ordering::Relaxed);
    change(GICD_IGROUPR, line, |word, bit| word & !bit);
    route(line);
}

pub fn disable(line: u32) {
    assert!(is_line(line));
    if line == FAST_LINE.load(Ordering::Relaxed) {
        return;
    }
    change(GICD_ICENABLER, line, |_, bit| bit);
}

fn route(line: u32) {
    let targets = GICD_ITARGETSR + (line & !3) as usize;
    DISTRIBUTOR.write(targets, DISTRIBUTOR.read(targets) | 1 << (8 * (line & 3)));
    change(GICD_ISENABLER, line, |_, bit| bit);
}

/// Writes the word with this line's bit in a bitmap of the distributor.
fn change(bitmap: usize, line: u32, value: fn(u32, u32) -> u32) {
    let register = bitmap + 4 * (line / 32) as usize;
    DISTRIBUTOR.write(register, value(DISTRIBUTOR.read(register), 1 << (line % 32)));
}

/// Takes the pending interrupt. The timer's stays raised until its deadline is set anew, a
/// device's until the device is served.
pub fn acknowledge() -> Interrupt {
    let value = INTERFACE.read(GICC_IAR);
    let interrupt = match value & 0x3ff {
        TIMER => Interrupt::Timer,
        SIGNAL => Interrupt::Signal,
        line if is_line(line) && line != FAST_LINE.load(Ordering::Relaxed) => {
            Interrupt::Device(line)
        }
        number if number < LINES_END => Interrupt::Spurious,
        _ => return Interrupt::Spurious,
    };
    INTERFACE.write(GICC_EOIR, value);
    if value & 0x3ff == STOP {
        // It came in the very moment of the read; taken here, it would be lost. (A fast line
        // stays raised.)
        stop(cpu_id());
    }
    interrupt
}

/// Takes the pending fast interrupt.
pub fn acknowledge_fast() {
    let control = INTERFACE.read(GICC_CTLR);
    INTERFACE.write(GICC_CTLR, control & !NORMAL);
    let value = INTERFACE.read(GICC_IAR);
    if value & 0x3ff < LINES_END {
        INTERFACE.write(GICC_EOIR, value);
    }
    INTERFACE.write(GICC_CTLR, control);
}
