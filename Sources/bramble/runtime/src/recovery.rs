//! Recovery of a thread: from a panic or a fault, through the landing pads, to `protect`.

use crate::syscall::{exit, invoke, numbers, time};
use crate::thread::Thread;
use crate::{heap, image};
use bramble_abi::layout::{HANDLER_STACK_SIZE, STACK_SIZE};
use bramble_abi::{Call, Cause, FaultFrame, Outcome, REPORTED_PADS, RecoveryReport};
use bramble_unwind::{Error, Origin, RECORDED_PADS, Registers, Stack, Unwinding, capture, catch};
use core::panic::PanicInfo;
use core::sync::atomic::Ordering::Relaxed;

const _: () = assert!(RECORDED_PADS == REPORTED_PADS);

/// A thread's recovery in progress, or its last one.
pub(crate) struct Recovery {
    /// From the fault to the catch. A second fault in between ends the thread.
    active: bool,
    cause: Cause,
    fault_address: u64,
    began: u64,
    /// The thread's counters when it began.
    freed: u64,
    released: u64,
    unwinding: Option<Unwinding>,
}

impl Recovery {
    pub const IDLE: Recovery = Recovery {
        active: false,
        cause: Cause::Other,
        fault_address: 0,
        began: 0,
        freed: 0,
        released: 0,
        unwinding: None,
    };

    /// Unwinds `thread` from `registers` to its innermost `protect`.
    ///
    /// # Safety
    /// `registers` are those of a live frame of `thread`, which is the calling thread.
    unsafe fn begin(
        &mut self,
        thread: &Thread,
        cause: Cause,
        fault_address: u64,
        registers: Registers,
    ) -> ! {
        if self.active {
            fail(thread);
        }
        self.active = true;
        self.cause = cause;
        self.fault_address = fault_address;
        self.began = time();
        self.freed = thread.freed.load(Relaxed);
        self.released = thread.released.load(Relaxed);
        let top = thread.stack_top();
        // SAFETY: the kernel maps a thread's whole stack for as long as the thread lives.
        let stack = unsafe { Stack::new(top - STACK_SIZE, top) };
        let unwinding = Unwinding::new(image::unwind_tables(), stack, image::machinery(), stuck);
        // SAFETY: as this function; `self` is in the thread's record, not on its stack.
        unsafe { self.unwinding.insert(unwinding).start(registers, origin(cause)) }
    }

    /// What to tell the kernel; the outcome is the caller's to fill in.
    fn report(&self, thread: &Thread) -> RecoveryReport {
        let mut report = RecoveryReport {
            cause: self.cause,
            outcome: Outcome::Failed,
            pc: 0,
            fault_address: self.fault_address,
            frames: 0,
            pads: 0,
            released_blocks: thread.freed.load(Relaxed).wrapping_sub(self.freed) as u32,
            released_locks: thread.released.load(Relaxed).wrapping_sub(self.released) as u32,
            began: self.began,
            duration: time().saturating_sub(self.began),
            pad_addresses: [0; REPORTED_PADS],
        };
        if let Some(unwinding) = &self.unwinding {
            report.pc = unwinding.origin;
            report.frames = unwinding.frames;
            report.pads = unwinding.pads;
            report.pad_addresses = unwinding.pad_addresses;
        }
        report
    }
}

fn origin(cause: Cause) -> Origin {
    match cause {
        Cause::Panic => Origin::Call,
        Cause::InstructionAbort => Origin::WildJump,
        _ => Origin::Fault,
    }
}

/// Runs `work`. If it panics or faults, everything it owned is dropped, and the report says so.
/// To be called with no lock held.
pub fn protect<R>(work: impl FnOnce() -> R) -> Result<R, RecoveryReport> {
    let Some(thread) = Thread::current() else { exit(1) };
    let blocks = thread.live_blocks();
    if let Some(result) = catch(work) {
        return Ok(result);
    }
    // SAFETY: the calling thread's, and no other reference is alive after the catch.
    let recovery = unsafe { thread.recovery() };
    recovery.active = false;
    let report = recovery.report(thread);
    heap::abandon(thread);
    let locks = thread.ledger.settle(thread);
    let blocks = thread.live_blocks().wrapping_sub(blocks) as i64;
    if locks != 0 || blocks != 0 {
        println!("landing pads left {blocks} blocks, and {locks} locks that are released now");
    }
    Err(report)
}

/// Tells the kernel how a recovery ended.
pub fn report(mut report: RecoveryReport, outcome: Outcome) {
    report.outcome = outcome;
    let address = (&raw const report) as u64;
    // SAFETY: the kernel only reads the report. If it refuses, there is nobody left to tell.
    let _ = unsafe { invoke(Call::RecoveryReport, [address, 0, 0, 0, 0, 0, 0, 0]) };
}

/// Asks the kernel to hand this thread's faults to `fault_entry`, on a stack of its own, as the
/// thread's may be what is broken.
pub(crate) fn install_handler(thread: &Thread) {
    let stack = heap::grow(HANDLER_STACK_SIZE);
    let entry = fault_entry as *const () as u64;
    let installed = stack.map(|stack| {
        thread.set_handler_stack(stack);
        numbers(Call::SetHandler, [entry, stack + HANDLER_STACK_SIZE])
    });
    if !matches!(installed, Some(Ok(_))) {
        println!("no fault handler: faults will end this thread");
    }
}

/// Where the kernel resumes a thread that faulted.
extern "C-unwind" fn fault_entry(frame: &FaultFrame) -> ! {
    let address = (&raw const *frame) as u64;
    let Some(thread) = Thread::of_handler_stack(address) else { exit(1) };
    let registers = Registers { x: frame.x, sp: frame.sp, pc: frame.pc };
    let cause = cause(frame.syndrome);
    // What the register holds after other exceptions is left from an earlier one.
    let is_abort = matches!(cause, Cause::DataAbort | Cause::InstructionAbort | Cause::Alignment);
    let fault_address = if is_abort { frame.fault_address } else { 0 };
    // SAFETY: the kernel took the frame from this thread, which does not go on at its pc.
    unsafe { thread.recovery().begin(thread, cause, fault_address, registers) }
}

/// Exception classes of ESR_EL1 (Arm ARM, D17.2.37).
fn cause(syndrome: u64) -> Cause {
    const ALIGNMENT_FAULT: u64 = 0x21;
    match syndrome >> 26 & 0x3f {
        0x00 => Cause::UndefinedInstruction,
        // A jump to an address that is no multiple of 4 is as wild as one to unmapped memory.
        0x20 | 0x22 => Cause::InstructionAbort,
        0x24 if syndrome & 0x3f == ALIGNMENT_FAULT => Cause::Alignment,
        0x24 => Cause::DataAbort,
        0x26 => Cause::Alignment,
        _ => Cause::Other,
    }
}

/// Panics unwind from here. In the section of the core library, so that the caller of both counts
/// as the place of the panic.
#[panic_handler]
#[unsafe(link_section = ".text.machinery")]
fn panicked(information: &PanicInfo) -> ! {
    match information.location() {
        Some(place) => println!("panic at {place}: {}", information.message()),
        None => println!("panic: {}", information.message()),
    }
    let Some(thread) = Thread::current() else { exit(1) };
    if !information.can_unwind() {
        // A panic inside a landing pad, or in a function that promised not to unwind.
        fail(thread);
    }
    let mut registers = Registers::ZERO;
    // SAFETY: this frame stays live, as nothing below returns; and it is the thread's own record.
    unsafe {
        capture(&mut registers);
        thread.recovery().begin(thread, Cause::Panic, 0, registers)
    }
}

/// The unwinder found nothing to land on.
fn stuck(unwinding: &Unwinding, error: Error) -> ! {
    println!("no recovery from {:#x}: {error:?}", unwinding.origin);
    match Thread::of_recovery(unwinding) {
        Some(thread) => fail(thread),
        None => exit(1),
    }
}

/// Reports a failed recovery, which stops the thread: its partners are told by the kernel.
fn fail(thread: &Thread) -> ! {
    // The last chance: whatever it holds, others wait for.
    heap::abandon(thread);
    thread.ledger.settle(thread);
    // SAFETY: the calling thread's; it does not come back to whoever else had a reference.
    let recovery = unsafe { thread.recovery() };
    if !recovery.active {
        // A panic that must not unwind, outside any recovery.
        let (freed, released) = (thread.freed.load(Relaxed), thread.released.load(Relaxed));
        *recovery =
            Recovery { cause: Cause::Panic, began: time(), freed, released, ..Recovery::IDLE };
    }
    report(recovery.report(thread), Outcome::Failed);
    exit(1)
}
