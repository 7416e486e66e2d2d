//! The system call instruction, and the calls that need nothing but numbers.

use bramble_abi::{Call, Error, Scenario};
use core::arch::asm;

/// Traps into the kernel. Results are x1..x7; x0 is the status.
///
/// # Safety
/// Addresses among the arguments must be what the call expects, for as long as it expects it.
pub(crate) unsafe fn invoke(call: Call, arguments: [u64; 8]) -> Result<[u64; 7], Error> {
    let [mut x0, mut x1, mut x2, mut x3, mut x4, mut x5, mut x6, mut x7] = arguments;
    // SAFETY: the kernel changes x0..x7 only, and memory only as the caller of this allows.
    unsafe {
        asm!(
            "svc #0",
            in("x8") call as u64,
            inout("x0") x0, inout("x1") x1, inout("x2") x2, inout("x3") x3,
            inout("x4") x4, inout("x5") x5, inout("x6") x6, inout("x7") x7,
            options(nostack),
        );
    }
    match x0 {
        0 => Ok([x1, x2, x3, x4, x5, x6, x7]),
        status => Err(error(status)),
    }
}

/// A call without addresses among its arguments.
pub(crate) fn numbers<const N: usize>(call: Call, given: [u64; N]) -> Result<[u64; 7], Error> {
    let mut arguments = [0; 8];
    arguments[..N].copy_from_slice(&given);
    // SAFETY: no call that is made through here takes an address.
    unsafe { invoke(call, arguments) }
}

/// The error with this number; a number that no error has is an invalid argument to somebody.
pub(crate) fn error(status: u64) -> Error {
    Error::from_number(status).unwrap_or(Error::InvalidArgument)
}

/// Nanoseconds since boot.
pub fn time() -> u64 {
    numbers(Call::Time, []).map_or(0, |results| results[0])
}

/// Sleeps for `milliseconds`.
pub fn sleep(milliseconds: u64) {
    // Sleeping cannot fail; waking early would do no harm.
    let _ = numbers(Call::Sleep, [milliseconds.saturating_mul(1_000_000)]);
}

/// Lets other threads run.
pub fn yield_now() {
    let _ = numbers(Call::Yield, []);
}

/// Says that this thread has reached its part of the scenario.
pub fn ready() {
    let _ = numbers(Call::Ready, [1]);
}

/// The scenario that the kernel was booted with.
pub fn scenario() -> Scenario {
    let number = numbers(Call::Scenario, []).map_or(0, |results| results[0]);
    Scenario::from_number(number).unwrap_or(Scenario::Steady)
}

/// Ends this thread.
pub(crate) fn exit(code: u64) -> ! {
    loop {
        let _ = numbers(Call::Exit, [code]);
    }
}
