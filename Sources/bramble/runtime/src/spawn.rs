//! More threads in a domain.

use crate::ipc::Slot;
use crate::recovery::install_handler;
use crate::start::{instance, program_number};
use crate::syscall::{exit, invoke, numbers};
use crate::thread::Thread;
use bramble_abi::layout::STACK_SIZE;
use bramble_abi::{Call, Error, slot};
use core::arch::naked_asm;

/// A thread that this domain has started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spawned {
    /// The capability for it, with all rights.
    pub slot: Slot,
    /// The kernel's number for it.
    pub number: u64,
}

/// Starts a thread with all that those of the boot have: heap, locks, recovery. `OutOfMemory` if
/// the runtime has no record left for it. Its stack is not used again when it ends.
pub fn spawn(entry: fn(u64), argument: u64) -> Result<Spawned, Error> {
    let top = grow(STACK_SIZE)? + STACK_SIZE;
    Thread::register(top, program_number(), instance()).ok_or(Error::OutOfMemory)?;
    start(full_thread, top, STACK_SIZE, entry, argument)
}

/// Starts a thread that has nothing but a stack of its own, of whole pages: for thousands of them.
/// It can make system calls and compute; it must not use heap, locks or console, and a fault is
/// its end.
pub fn spawn_light(entry: fn(u64), argument: u64, stack_size: u64) -> Result<Spawned, Error> {
    let top = grow(stack_size)? + stack_size;
    start(light_thread, top, stack_size, entry, argument)
}

impl Spawned {
    /// Ends the thread where it is. What it owned is not released.
    pub fn stop(self) -> Result<(), Error> {
        numbers(Call::ThreadStop, [self.slot.number()]).map(drop)
    }
}

fn grow(byte_count: u64) -> Result<u64, Error> {
    numbers(Call::MemoryGrow, [byte_count]).map(|results| results[0])
}

type Main = unsafe extern "C" fn() -> !;

fn start(main: Main, top: u64, size: u64, entry: fn(u64), argument: u64) -> Result<Spawned, Error> {
    let (main, entry) = (main as usize as u64, entry as usize as u64);
    // Priority 0: that of this domain's first thread.
    let arguments = [slot::THREAD, main, top, size, entry, argument, 0, 0];
    // SAFETY: the stack is fresh memory that nobody else knows of, and `main` takes the rest.
    let [number, id, ..] = unsafe { invoke(Call::ThreadCreate, arguments) }?;
    Ok(Spawned { slot: Slot::from_number(number), number: id })
}

/// Entry point: x0, x1 and x2 are the arguments of `run_full`. An outermost frame like `_start`.
#[unsafe(naked)]
unsafe extern "C" fn full_thread() -> ! {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined x30",
        "mov x29, #0",
        "mov x30, #0",
        "bl {run}",
        "brk #0",
        ".cfi_endproc",
        run = sym run_full,
    )
}

/// Entry point, as above.
#[unsafe(naked)]
unsafe extern "C" fn light_thread() -> ! {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined x30",
        "mov x29, #0",
        "mov x30, #0",
        "bl {run}",
        "brk #0",
        ".cfi_endproc",
        run = sym run_light,
    )
}

#[expect(improper_ctypes_definitions, reason = "a pointer on both sides, which are one image")]
extern "C-unwind" fn run_full(entry: fn(u64), argument: u64, id: u64) -> ! {
    if let Some(thread) = Thread::current() {
        thread.set_id(id);
        install_handler(thread);
        entry(argument);
        thread.unregister();
    }
    exit(0)
}

#[expect(improper_ctypes_definitions, reason = "a pointer on both sides, which are one image")]
extern "C-unwind" fn run_light(entry: fn(u64), argument: u64) -> ! {
    entry(argument);
    exit(0)
}
