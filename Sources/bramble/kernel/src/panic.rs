//! The end of the kernel. Servers recover; a kernel that has lost its own invariants does not try:
//! it stops the other CPUs, says what happened, tells the truth as it stands, and halts.

use core::panic::PanicInfo;

use bramble_abi::Scenario;

use crate::arch::{self, Registers};
use crate::{crash, lock, println, scenario, truth};

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    let registers = Registers::capture();
    match lock::panicked() {
        lock::Panic::First => {
            print(info);
            crash::record(info, registers);
            truth::tell();
            call_debugger();
            if scenario::exit_requested() {
                if scenario::chosen() == Scenario::Crash {
                    arch::power::switch_off();
                }
                arch::power::exit_with_failure();
            }
        }
        // The truth cannot be told either.
        lock::Panic::Again => {
            print(info);
            call_debugger();
            if scenario::exit_requested() {
                arch::power::exit_with_failure();
            }
        }
        lock::Panic::Elsewhere => {}
    }
    arch::halt()
}

/// Stops for a debugger: for the one that is there, or one that may still come.
fn call_debugger() {
    if arch::debug::is_attached() || !scenario::exit_requested() {
        arch::debug::call_fatal();
    }
}

fn print(info: &PanicInfo) {
    match info.location() {
        Some(place) => println!("bramble: kernel panic: {} ({place})", info.message()),
        None => println!("bramble: kernel panic: {}", info.message()),
    }
}

/// The core library is compiled for unwinding and names these two; with `panic=abort` nobody ever
/// calls them.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    panic!("the kernel does not unwind")
}
