//! The virtual timer: time since boot and one deadline per CPU.

use core::arch::asm;

/// Nanoseconds of a second. Counters run at 1 GHz at most, so its square is the largest product.
const SECOND: u64 = 1_000_000_000;

/// Nanoseconds since the machine was switched on.
pub fn now() -> u64 {
    // In two parts: a division of 128 bits would take longer than the rest of many system calls.
    let (count, frequency) = (count(), frequency());
    count / frequency * SECOND + count % frequency * SECOND / frequency
}

/// Asks for an interrupt at `deadline` (nanoseconds since boot), at once if it has passed; `None`
/// for no interrupt.
pub fn set_deadline(deadline: Option<u64>) {
    let (value, control) = match deadline {
        Some(time) => {
            let whole = (time / SECOND).saturating_mul(frequency());
            let rest = time % SECOND * frequency() / SECOND;
            (whole.saturating_add(rest + 1), 1u64)
        }
        None => (0, 0),
    };
    // SAFETY: the timer registers of this CPU only.
    unsafe {
        asm!("msr cntv_cval_el0, {}", "msr cntv_ctl_el0, {}", "isb", in(reg) value, in(reg) control,
            options(nomem, nostack, preserves_flags))
    }
}

fn count() -> u64 {
    let value;
    // SAFETY: reads the counter.
    unsafe { asm!("isb", "mrs {}, cntvct_el0", out(reg) value, options(nomem, nostack)) };
    value
}

fn frequency() -> u64 {
    let value;
    // SAFETY: reads a constant.
    unsafe { asm!("mrs {}, cntfrq_el0", out(reg) value, options(nomem, nostack)) };
    value
}
