//! The interrupt controllers of a Raspberry Pi 3: one per CPU for timers and mailboxes (BCM2836
//! "QA7", rev 3.4), and one for the devices (BCM2835 ARM Peripherals, chapter 7), which CPU 0 serves.

use super::Interrupt;
use crate::device::Device;
use crate::{board, cpu_id};

// SAFETY: the board has its per-CPU controllers there.
const LOCAL: Device = unsafe { Device::at(board::LOCAL) };
// SAFETY: the board has the devices' controller there.
const DEVICES: Device = unsafe { Device::at(board::INTERRUPTS) };

const TIMER_CONTROL: usize = 0x40;
const MAILBOX_CONTROL: usize = 0x50;
const SOURCE: usize = 0x60;
const MAILBOX_SET: usize = 0x80;
const MAILBOX_CLEAR: usize = 0xc0;

const PENDING: usize = 0x4;
const FAST_CONTROL: usize = 0xc;
const ENABLE: usize = 0x10;
const DISABLE: usize = 0x1c;

/// In `TIMER_CONTROL` and `SOURCE`: the virtual timer.
const TIMER: u32 = 1 << 3;
/// In `SOURCE`: the first mailbox, and any device.
const SIGNAL: u32 = 1 << 4;
const DEVICE: u32 = 1 << 8;
/// In `MAILBOX_CONTROL`: the first mailbox as an interrupt, the second as a fast one.
const SIGNAL_MAILBOX: u32 = 1 << 0;
const STOP_MAILBOX: u32 = 1 << 5;
/// In `FAST_CONTROL`.
const FAST_ON: u32 = 1 << 7;
/// Lines of devices.
const LINES: u32 = 64;

pub fn initialise() {}

pub fn initialise_cpu() {
    LOCAL.write(TIMER_CONTROL + 4 * cpu_id(), TIMER);
    LOCAL.write(MAILBOX_CONTROL + 4 * cpu_id(), SIGNAL_MAILBOX | STOP_MAILBOX);
}

/// Leaves this CPU fast interrupts only, and devices, whose lines the kernel may disable.
pub fn switch_off_cpu() {
    LOCAL.write(TIMER_CONTROL + 4 * cpu_id(), 0);
    LOCAL.write(MAILBOX_CONTROL + 4 * cpu_id(), STOP_MAILBOX);
}

/// Signals another CPU.
pub fn notify(cpu: usize) {
    LOCAL.write(mailbox(MAILBOX_SET, cpu, 0), 1);
}

/// Raises a fast interrupt on another CPU.
pub fn stop(cpu: usize) {
    LOCAL.write(mailbox(MAILBOX_SET, cpu, 1), 1);
}

fn mailbox(register: usize, cpu: usize, number: usize) -> usize {
    register + 16 * cpu + 4 * number
}

/// Is there a device's line of this number?
pub fn is_line(line: u32) -> bool {
    line < LINES
}

/// Lets the device on this line interrupt CPU 0.
pub fn enable(line: u32) {
    assert!(is_line(line));
    DEVICES.write(ENABLE + 4 * (line / 32) as usize, 1 << (line % 32));
}

/// Lets the device on this line, and no other, raise fast interrupts on CPU 0.
pub fn enable_fast(line: u32) {
    assert!(is_line(line));
    DEVICES.write(FAST_CONTROL, FAST_ON | line);
}

pub fn disable(line: u32) {
    assert!(is_line(line));
    DEVICES.write(DISABLE + 4 * (line / 32) as usize, 1 << (line % 32));
}

/// Takes the pending interrupt. The timer's stays raised until its deadline is set anew, a
/// device's until the device is served.
pub fn acknowledge() -> Interrupt {
    let source = LOCAL.read(SOURCE + 4 * cpu_id());
    if source & TIMER != 0 {
        Interrupt::Timer
    } else if source & SIGNAL != 0 {
        LOCAL.write(mailbox(MAILBOX_CLEAR, cpu_id(), 0), u32::MAX);
        Interrupt::Signal
    } else if source & DEVICE != 0 {
        pending_line().map_or(Interrupt::Spurious, Interrupt::Device)
    } else {
        Interrupt::Spurious
    }
}

fn pending_line() -> Option<u32> {
    (0..2).find_map(|word| {
        let pending = DEVICES.read(PENDING + 4 * word);
        (pending != 0).then(|| 32 * word as u32 + pending.trailing_zeros())
    })
}

/// Takes the pending fast interrupt; a device's stays raised until the device is served.
pub fn acknowledge_fast() {
    LOCAL.write(mailbox(MAILBOX_CLEAR, cpu_id(), 1), u32::MAX);
}
