//! The virtual timer: time since boot and one deadline per CPU.

use core::arch::asm;

/// Nanoseconds since the machine was switched on.
pub fn now() -> u64 {
    (u128::from(count()) * 1_000_000_000 / u128::from(frequency())) as u64
}

/// Asks for an interrupt at `deadline` (nanoseconds since boot), at once if it has passed; `None`
/// for no interrupt.
pub fn set_deadline(deadline: Option<u64>) {
    let (value, control) = match deadline {
        Some(time) => {
            let ticks = u128::from(time) * u128::from(frequency()) / 1_000_000_000;
            (u64::try_from(ticks).unwrap_or(u64::MAX).saturating_add(1), 1u64)
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
