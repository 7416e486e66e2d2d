//! The debug registers: breakpoints, watchpoints, single steps (Arm ARM, chapter D2). What they
//! shall hold is kept here; each CPU loads it when it goes on.

use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering};

/// The most debug registers of a kind.
const MOST: usize = 16;

/// A value register and its control register; 0 in the latter switches both off.
struct Pair {
    value: AtomicU64,
    control: AtomicU64,
}

type Bank = [Pair; MOST];

const EMPTY: Bank = [const { Pair { value: AtomicU64::new(0), control: AtomicU64::new(0) } }; MOST];

static BREAKPOINTS: Bank = EMPTY;
static WATCHPOINTS: Bank = EMPTY;

/// Control: on, at EL1 and EL0.
const ON: u64 = 1 | 0b11 << 1;
/// Control of a breakpoint: all four bytes of the instruction.
const INSTRUCTION: u64 = 0b1111 << 5;

/// In MDSCR_EL1: steps, debug exceptions within EL1, breakpoints and watchpoints.
const MDSCR_STEP: u64 = 1;
const MDSCR_KERNEL: u64 = 1 << 13;
const MDSCR_MONITOR: u64 = 1 << 15;

/// Which accesses a watchpoint watches for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    Read = 0b01,
    Write = 0b10,
    Access = 0b11,
}

/// Plans a breakpoint; false if all registers are taken.
pub fn insert_breakpoint(address: u64) -> bool {
    insert(&BREAKPOINTS, breakpoint_count(), breakpoint(address))
}

pub fn remove_breakpoint(address: u64) {
    remove(&BREAKPOINTS, breakpoint(address));
}

/// Plans a watchpoint; `None` if no single register can watch this range, false if all are taken.
pub fn insert_watchpoint(watch: Watch, address: u64, length: u64) -> Option<bool> {
    Some(insert(&WATCHPOINTS, watchpoint_count(), watchpoint(watch, address, length)?))
}

pub fn remove_watchpoint(watch: Watch, address: u64, length: u64) {
    if let Some(pair) = watchpoint(watch, address, length) {
        remove(&WATCHPOINTS, pair);
    }
}

pub fn remove_all() {
    for pair in BREAKPOINTS.iter().chain(&WATCHPOINTS) {
        pair.control.store(0, Ordering::Relaxed);
    }
}

/// What the watchpoint nearest to this address watches for: hardware may report any address of the
/// access that hit it.
pub fn watching(address: u64) -> Option<Watch> {
    let on = WATCHPOINTS.iter().filter(|pair| pair.control.load(Ordering::Relaxed) != 0);
    let nearest = on.min_by_key(|pair| pair.value.load(Ordering::Relaxed).abs_diff(address))?;
    Some(match nearest.control.load(Ordering::Relaxed) >> 3 & 0b11 {
        0b01 => Watch::Read,
        0b10 => Watch::Write,
        _ => Watch::Access,
    })
}

fn breakpoint(address: u64) -> (u64, u64) {
    (address & !3, ON | INSTRUCTION)
}

/// Up to eight bytes of one doubleword by their bits, more by an aligned power of two.
fn watchpoint(watch: Watch, address: u64, length: u64) -> Option<(u64, u64)> {
    let control = ON | (watch as u64) << 3;
    let offset = address & 7;
    if (1..=8 - offset).contains(&length) {
        let bytes = (1 << length) - 1 << offset;
        return Some((address - offset, control | bytes << 5));
    }
    let is_block = length.is_power_of_two() && length <= 1 << 31 && address & (length - 1) == 0;
    let mask = u64::from(length.trailing_zeros());
    is_block.then_some((address, control | 0xff << 5 | mask << 24))
}

fn insert(bank: &Bank, count: usize, (value, control): (u64, u64)) -> bool {
    if find(bank, (value, control)).is_some() {
        return true;
    }
    let free = bank.iter().take(count).find(|pair| pair.control.load(Ordering::Relaxed) == 0);
    let Some(pair) = free else { return false };
    pair.value.store(value, Ordering::Relaxed);
    pair.control.store(control, Ordering::Relaxed);
    true
}

fn remove(bank: &Bank, pair: (u64, u64)) {
    if let Some(pair) = find(bank, pair) {
        pair.control.store(0, Ordering::Relaxed);
    }
}

fn find(bank: &Bank, (value, control): (u64, u64)) -> Option<&Pair> {
    bank.iter().find(|pair| {
        pair.control.load(Ordering::Relaxed) == control
            && pair.value.load(Ordering::Relaxed) == value
    })
}

/// Writes a pair of debug registers, whose number is part of the instruction.
macro_rules! write_pair {
    ($kind:literal, $number:expr, $value:expr, $control:expr) => {
        write_pair!($kind, $number, $value, $control; "0" 0 "1" 1 "2" 2 "3" 3 "4" 4 "5" 5 "6" 6
            "7" 7 "8" 8 "9" 9 "10" 10 "11" 11 "12" 12 "13" 13 "14" 14 "15" 15)
    };
    ($kind:literal, $number:expr, $value:expr, $control:expr; $($text:literal $case:literal)*) => {
        match $number {
            // SAFETY: a pair that this CPU has; it takes effect for the interrupted program only,
            // as debug exceptions are masked here.
            $($case => unsafe {
                asm!(
                    concat!("msr ", $kind, "vr", $text, "_el1, {}"),
                    concat!("msr ", $kind, "cr", $text, "_el1, {}"),
                    in(reg) $value, in(reg) $control, options(nostack, preserves_flags)
                )
            },)*
            _ => {}
        }
    };
}

/// Loads this CPU's registers with what is planned, and lets it execute one instruction only if
/// `step`.
pub fn load(step: bool) {
    for number in 0..breakpoint_count() {
        let pair = &BREAKPOINTS[number];
        let (value, control) =
            (pair.value.load(Ordering::Relaxed), pair.control.load(Ordering::Relaxed));
        write_pair!("dbgb", number, value, control);
    }
    for number in 0..watchpoint_count() {
        let pair = &WATCHPOINTS[number];
        let (value, control) =
            (pair.value.load(Ordering::Relaxed), pair.control.load(Ordering::Relaxed));
        write_pair!("dbgw", number, value, control);
    }
    let any = BREAKPOINTS.iter().chain(&WATCHPOINTS);
    let any = any.map(|pair| pair.control.load(Ordering::Relaxed)).any(|control| control != 0);
    let monitor = if any || step { MDSCR_KERNEL | MDSCR_MONITOR } else { 0 };
    let control = monitor | if step { MDSCR_STEP } else { 0 };
    // SAFETY: debug registers of this CPU; oslar_el1 unlocks them after a reset.
    unsafe {
        asm!("msr oslar_el1, xzr", "msr mdscr_el1, {}", "isb", in(reg) control,
            options(nostack, preserves_flags))
    }
}

fn breakpoint_count() -> usize {
    (features() >> 12 & 0xf) as usize + 1
}

fn watchpoint_count() -> usize {
    (features() >> 20 & 0xf) as usize + 1
}

/// ID_AA64DFR0_EL1.
fn features() -> u64 {
    let value;
    // SAFETY: reads a constant.
    unsafe { asm!("mrs {}, id_aa64dfr0_el1", out(reg) value, options(nomem, nostack)) };
    value
}
