//! The end of the kernel. Servers recover; a kernel that has lost its own invariants does not try.

use core::panic::PanicInfo;

use crate::{arch, lock, println, scenario};

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    if lock::panicked() {
        match info.location() {
            Some(place) => println!("bramble: kernel panic: {} ({place})", info.message()),
            None => println!("bramble: kernel panic: {}", info.message()),
        }
        if scenario::exit_requested() {
            arch::power::exit_with_failure();
        }
    }
    arch::halt()
}

/// The core library is compiled for unwinding and names these two; with `panic=abort` nobody ever
/// calls them.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    panic!("the kernel does not unwind")
}
