//! Recovery of a thread: from a panic or a fault, through the landing pads, to `protect`; and what
//! is left to do when that is not enough.
//!
//!     request   what the request owned is released, by its landing pads or by the ledger
//!     server    recovery itself failed, or released something twice: the service begins anew, on
//!               an empty stack, with none of its blocks, locks and data
//!     domain    that failed too, or too often: the thread ends, its partners are told

use crate::heap::{self, Books};
use crate::image;
use crate::ledger::Settlement;
use crate::serve::Loop;
use crate::start::empty_stack;
use crate::syscall::{exit, invoke, numbers, time};
use crate::thread::Thread;
use bramble_abi::layout::{HANDLER_STACK_SIZE, STACK_SIZE};
use bramble_abi::{Call, Cause, FaultFrame, Level, Outcome, REPORTED_PADS, RecoveryReport};
use bramble_unwind::{Error, Origin, RECORDED_PADS, Registers, Stack, Unwinding, capture, catch};
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

const _: () = assert!(RECORDED_PADS == REPORTED_PADS);

/// Requests given up one after the other, none in between that succeeded: the service's state is
/// to blame.
const MOST_FAILURES: u32 = 4;
/// Restarts without a request in between that succeeded.
const MOST_RESTARTS: u32 = 3;

/// How far a thread is in recovering.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    /// Landing pads run, or the ledger settles what they left.
    Unwinding,
    /// The service begins anew.
    Restarting,
    /// The thread is about to end.
    Failing,
}

/// A thread's recovery in progress, or its last one.
pub(crate) struct Recovery {
    phase: Phase,
    cause: Cause,
    fault_address: u64,
    began: u64,
    /// The thread's counters when it began.
    freed: u64,
    released: u64,
    unwinding: Option<Unwinding>,
    /// What the ledger found, once it has been asked.
    settlement: Settlement,
    books: Books,
    /// Since the last request that succeeded.
    failures: u32,
    restarts: u32,
    /// What the thread does when its service begins anew; `None` without a service.
    pub program: Option<Loop>,
}

/// Shown to a service whose state is begun anew: nothing refers to the old one any more.
pub struct Restart(());

impl Recovery {
    pub const IDLE: Recovery = Recovery {
        phase: Phase::Idle,
        cause: Cause::Other,
        fault_address: 0,
        began: 0,
        freed: 0,
        released: 0,
        unwinding: None,
        settlement: Settlement { locks: 0, capabilities: 0, lost: 0 },
        books: Books { released: 0, dangling: 0, lost: 0, held: 0 },
        failures: 0,
        restarts: 0,
        program: None,
    };

    pub fn is_active(&self) -> bool {
        self.phase != Phase::Idle
    }

    /// Unwinds `thread` from `registers` to its innermost `protect`.
    ///
    /// # Safety
    /// `registers` are those of a live frame of `thread`, which is the calling thread.
    unsafe fn begin(
        &mut self,
        thread: &'static Thread,
        cause: Cause,
        fault_address: u64,
        registers: Registers,
    ) -> ! {
        if self.phase != Phase::Idle {
            println!("{cause:?} at {:#x} during a recovery", registers.pc);
            escalate(thread);
        }
        self.note(thread, cause, fault_address);
        let top = thread.stack_top();
        // SAFETY: the kernel maps a thread's whole stack for as long as the thread lives.
        let stack = unsafe { Stack::new(top - STACK_SIZE, top) };
        let unwinding = Unwinding::new(image::unwind_tables(), stack, image::machinery(), stuck);
        // SAFETY: as this function; `self` is in the thread's record, not on its stack.
        unsafe { self.unwinding.insert(unwinding).start(registers, origin(cause)) }
    }

    /// From here on, what the thread releases is released by landing pads.
    fn note(&mut self, thread: &Thread, cause: Cause, fault_address: u64) {
        self.phase = Phase::Unwinding;
        self.cause = cause;
        self.fault_address = fault_address;
        self.began = time();
        self.freed = thread.freed.load(Relaxed);
        self.released = thread.released.load(Relaxed);
        self.settlement = Settlement::default();
        self.books = Books::default();
        self.unwinding = None;
    }

    /// What to tell the kernel; level and outcome are the caller's to fill in.
    fn report(&self, thread: &Thread) -> RecoveryReport {
        let since = |counter: &core::sync::atomic::AtomicU64, before: u64| {
            counter.load(Relaxed).wrapping_sub(before) as u32
        };
        let mut report = RecoveryReport {
            cause: self.cause,
            fault_address: self.fault_address,
            released_blocks: since(&thread.freed, self.freed),
            released_locks: since(&thread.released, self.released),
            ledger_blocks: self.books.released,
            ledger_locks: self.settlement.locks,
            ledger_capabilities: self.settlement.capabilities,
            lost: self.settlement.lost + self.books.lost,
            double_releases: since(&thread.double_releases, 0) + self.books.dangling,
            held_blocks: self.books.held,
            began: self.began,
            duration: time().saturating_sub(self.began),
            ..RecoveryReport::EMPTY
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

/// Runs `work` as one request. If it panics or faults, everything it owned is given back, and the
/// report says how. To be called with no lock held.
pub(crate) fn protect<R>(work: impl FnOnce() -> R) -> Result<R, RecoveryReport> {
    static REQUESTS: AtomicU32 = AtomicU32::new(0);

    let Some(thread) = Thread::current() else { exit(1) };
    let request = (REQUESTS.fetch_add(1, Relaxed) + 1).max(1);
    thread.double_releases.store(0, Relaxed);
    thread.request.store(request, Relaxed);
    if let Some(result) = catch(work) {
        if thread.double_releases.load(Relaxed) != 0 {
            // SAFETY: the calling thread's, and no other reference is alive.
            unsafe { thread.recovery().note(thread, Cause::DoubleRelease, 0) };
            escalate(thread);
        }
        thread.ledger.close();
        heap::close(thread);
        thread.request.store(0, Relaxed);
        return Ok(result);
    }
    // SAFETY: the calling thread's, and no other reference is alive after the catch.
    let recovery = unsafe { thread.recovery() };
    heap::abandon(thread);
    recovery.settlement = thread.ledger.settle(thread);
    recovery.books = heap::settle(thread, request, (&raw const request) as u64);
    let report = recovery.report(thread);
    if report.double_releases != 0 {
        let (all, dangling) = (report.double_releases, recovery.books.dangling);
        println!("{all} false releases, {dangling} of them of blocks that are still referred to");
        escalate(thread);
    }
    thread.request.store(0, Relaxed);
    recovery.phase = Phase::Idle;
    Err(report)
}

/// A request has been answered, in the first or the second attempt.
pub(crate) fn succeeded() {
    if let Some(thread) = Thread::current() {
        // SAFETY: the calling thread's, and no other reference is alive.
        let recovery = unsafe { thread.recovery() };
        (recovery.failures, recovery.restarts) = (0, 0);
    }
}

/// A request is given up, after what `report` tells.
pub(crate) fn give_up(report: RecoveryReport) {
    let Some(thread) = Thread::current() else { exit(1) };
    // SAFETY: as above.
    let recovery = unsafe { thread.recovery() };
    recovery.failures += 1;
    if recovery.failures >= MOST_FAILURES {
        println!("{MOST_FAILURES} requests failed one after the other");
        escalate(thread);
    }
    send(report, Level::Request, Outcome::Restarted);
}

/// Tells the kernel how a recovery ended.
pub(crate) fn send(mut report: RecoveryReport, level: Level, outcome: Outcome) {
    report.level = level;
    report.outcome = outcome;
    if let Some(thread) = Thread::current() {
        report.client = thread.client.load(Relaxed);
        report.label = thread.label.load(Relaxed);
        report.held_locks = thread.ledger.held_locks(thread);
    }
    let address = (&raw const report) as u64;
    // SAFETY: the kernel only reads the report. If it refuses, there is nobody left to tell.
    let _ = unsafe { invoke(Call::RecoveryReport, [address, 0, 0, 0, 0, 0, 0, 0]) };
}

/// The next level: the service begins anew, or, where it cannot, the thread ends.
fn escalate(thread: &'static Thread) -> ! {
    // SAFETY: the calling thread's; it does not come back to whoever else had a reference.
    let recovery = unsafe { thread.recovery() };
    let may_restart = matches!(recovery.phase, Phase::Idle | Phase::Unwinding)
        && recovery.program.is_some()
        && recovery.restarts < MOST_RESTARTS
        // Others of the domain may be using what would be thrown away.
        && thread.is_alone();
    if !may_restart {
        fail(thread);
    }
    recovery.phase = Phase::Restarting;
    recovery.restarts += 1;
    let stack = recovery.program.map_or(thread.stack_top(), |program| program.stack);
    // SAFETY: the thread leaves the frames of its request loop for good.
    unsafe { empty_stack(stack, restart) }
}

/// For whoever has lost the request loop.
pub(crate) fn restart_service() -> ! {
    match Thread::current() {
        Some(thread) => escalate(thread),
        None => exit(1),
    }
}

/// Begins the service anew. Nothing is dropped: drops are what may have gone wrong.
extern "C-unwind" fn restart() -> ! {
    let Some(thread) = Thread::current() else { exit(1) };
    // SAFETY: the calling thread's; the frames with other references are gone.
    let recovery = unsafe { thread.recovery() };
    let Some(program) = recovery.program else { fail(thread) };
    release_everything(thread, recovery, program.stack);
    thread.request.store(0, Relaxed);
    // Before the service takes and releases anything itself.
    let mut report = recovery.report(thread);
    if !program.service.reset(&Restart(())) {
        println!("the service cannot begin anew");
        fail(thread);
    }
    report.held_blocks = heap::count_held(thread);
    recovery.failures = 0;
    recovery.phase = Phase::Idle;
    send(report, Level::Server, Outcome::Restarted);
    program.enter()
}

/// Releases all that the domain has, apart from what frames above `above` refer to.
fn release_everything(thread: &Thread, recovery: &mut Recovery, above: u64) {
    heap::abandon(thread);
    let settlement = thread.ledger.settle(thread);
    recovery.settlement.locks += settlement.locks;
    recovery.settlement.capabilities += settlement.capabilities;
    recovery.settlement.lost += settlement.lost;
    let books = heap::release_all(thread, above);
    recovery.books.released += books.released;
    recovery.books.lost += books.lost;
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
    // SAFETY: the kernel took the frame from this thread, which does not go on at its pc.
    unsafe { thread.recovery().begin(thread, frame.cause, frame.fault_address, registers) }
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
    let mut registers = Registers::ZERO;
    // SAFETY: this frame stays live, as nothing below returns; and it is the thread's own record.
    unsafe {
        capture(&mut registers);
        if !information.can_unwind() && thread.recovery().phase == Phase::Idle {
            // In a function that promised not to unwind.
            thread.recovery().note(thread, Cause::Panic, 0);
        }
        thread.recovery().begin(thread, Cause::Panic, 0, registers)
    }
}

/// The unwinder found nothing to land on.
fn stuck(unwinding: &Unwinding, error: Error) -> ! {
    println!("no recovery from {:#x}: {error:?}", unwinding.origin);
    match Thread::of_recovery(unwinding) {
        Some(thread) => escalate(thread),
        None => exit(1),
    }
}

/// Reports a failed recovery, which stops the thread: its partners are told by the kernel.
fn fail(thread: &'static Thread) -> ! {
    // SAFETY: the calling thread's; it does not come back to whoever else had a reference.
    let recovery = unsafe { thread.recovery() };
    if recovery.phase != Phase::Failing {
        recovery.phase = Phase::Failing;
        // The last chance: whatever it holds, others wait for.
        if thread.is_alone() {
            release_everything(thread, recovery, thread.stack_top());
        }
        send(recovery.report(thread), Level::Domain, Outcome::Failed);
    }
    exit(1)
}
