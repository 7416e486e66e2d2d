//! What the runtime keeps about each thread: enough to recover it.

use crate::ledger::Ledger;
use crate::recovery::Recovery;
use bramble_abi::layout::{HANDLER_STACK_SIZE, STACK_SIZE};
use bramble_abi::lock;
use bramble_unwind::Unwinding;
use core::arch::asm;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

/// Threads of one image in one space.
const THREADS: usize = 16;

/// Found by its stack: threads have no register that points here.
pub(crate) struct Thread {
    /// End of the stack; 0 while the record is free.
    stack_top: AtomicU64,
    /// The kernel's number for it.
    id: AtomicU64,
    /// Lowest address of the fault handler's stack; 0 without a handler.
    handler_stack: AtomicU64,
    pub program: AtomicU64,
    pub instance: AtomicU64,
    /// The request it serves; 0 while it serves none.
    pub request: AtomicU32,
    /// Who sent the request it serves, or served last, and what the request's label was.
    pub client: AtomicU64,
    pub label: AtomicU64,
    /// The first of the heap blocks that the request has given up (`heap::Link`).
    pub deferred: AtomicU32,
    /// Heap blocks and locks this thread has released.
    pub freed: AtomicU64,
    pub released: AtomicU64,
    /// Releases of what was not there to be released: none, or something is badly wrong.
    pub double_releases: AtomicU64,
    /// What this thread's request has taken.
    pub ledger: Ledger,
    /// Touched by its own thread only.
    recovery: UnsafeCell<Recovery>,
}

// SAFETY: `recovery` is used by the record's own thread only, as `recovery` demands.
unsafe impl Sync for Thread {}

static RECORDS: [Thread; THREADS] = [const { Thread::new() }; THREADS];

impl Thread {
    const fn new() -> Thread {
        Thread {
            stack_top: AtomicU64::new(0),
            id: AtomicU64::new(0),
            handler_stack: AtomicU64::new(0),
            program: AtomicU64::new(0),
            instance: AtomicU64::new(0),
            request: AtomicU32::new(0),
            client: AtomicU64::new(0),
            label: AtomicU64::new(0),
            deferred: AtomicU32::new(0),
            freed: AtomicU64::new(0),
            released: AtomicU64::new(0),
            double_releases: AtomicU64::new(0),
            ledger: Ledger::new(),
            recovery: UnsafeCell::new(Recovery::IDLE),
        }
    }

    /// Takes a record for the thread whose stack ends at `top`; `None` if all are taken.
    pub fn register(top: u64, program: u64, instance: u64) -> Option<&'static Thread> {
        let record = RECORDS
            .iter()
            .find(|record| record.stack_top.compare_exchange(0, top, Relaxed, Relaxed).is_ok())?;
        record.program.store(program, Relaxed);
        record.instance.store(instance, Relaxed);
        Some(record)
    }

    /// Gives the record back, at the end of its thread.
    pub fn unregister(&self) {
        self.handler_stack.store(0, Relaxed);
        self.stack_top.store(0, Relaxed);
    }

    /// The record of the thread that runs on a stack with this address in it.
    pub fn of_stack(address: u64) -> Option<&'static Thread> {
        RECORDS.iter().find(|record| {
            let top = record.stack_top.load(Relaxed);
            address < top && address >= top.saturating_sub(STACK_SIZE)
        })
    }

    /// The record of the thread whose fault handler's stack has this address in it.
    pub fn of_handler_stack(address: u64) -> Option<&'static Thread> {
        RECORDS.iter().find(|record| {
            let stack = record.handler_stack.load(Relaxed);
            stack != 0 && address >= stack && address - stack < HANDLER_STACK_SIZE
        })
    }

    /// The record that an unwinding is part of.
    pub fn of_recovery(unwinding: &Unwinding) -> Option<&'static Thread> {
        let address = (&raw const *unwinding) as usize;
        RECORDS.iter().find(|record| {
            let start = record.recovery.get() as usize;
            (start..start + size_of::<Recovery>()).contains(&address)
        })
    }

    /// The calling thread's record; `None` before `register`.
    pub fn current() -> Option<&'static Thread> {
        let sp: u64;
        // SAFETY: reads a register.
        unsafe { asm!("mov {}, sp", out(reg) sp, options(nomem, nostack, preserves_flags)) };
        Thread::of_stack(sp).or_else(|| Thread::of_handler_stack(sp))
    }

    /// The kernel's number for the calling thread. A thread without a record has none, and shares
    /// one with all others.
    pub fn current_id() -> u64 {
        Thread::current().map_or(lock::HOLDER, Thread::id)
    }

    pub fn id(&self) -> u64 {
        self.id.load(Relaxed)
    }

    /// To be called by the thread itself, before anything else.
    pub fn set_id(&self, id: u64) {
        self.id.store(id, Relaxed);
    }

    pub fn stack_top(&self) -> u64 {
        self.stack_top.load(Relaxed)
    }

    pub fn set_handler_stack(&self, lowest: u64) {
        self.handler_stack.store(lowest, Relaxed);
    }

    /// All threads of its domain, itself included: those that run the same program.
    fn siblings(&self) -> impl Iterator<Item = (usize, &'static Thread)> {
        let identity =
            |thread: &Thread| (thread.program.load(Relaxed), thread.instance.load(Relaxed));
        let own = identity(self);
        let used = |thread: &Thread| thread.stack_top.load(Relaxed) != 0;
        let records = RECORDS.iter().enumerate();
        records.filter(move |(_, thread)| used(thread) && identity(thread) == own)
    }

    /// Identifies the domain among those of the image.
    pub fn owner(&self) -> u16 {
        self.siblings().next().map_or(0, |(index, _)| index as u16 + 1)
    }

    /// Whether it is its domain's only thread.
    pub fn is_alone(&self) -> bool {
        self.siblings().count() == 1
    }

    /// Whether it serves a request.
    pub fn is_serving(&self) -> bool {
        self.request.load(Relaxed) != 0
    }

    /// Whether landing pads run.
    pub fn is_unwinding(&self) -> bool {
        // SAFETY: the calling thread's own, and only read.
        unsafe { (*self.recovery.get()).is_active() }
    }

    /// The recovery in progress.
    ///
    /// # Safety
    /// Only for the record's own thread, and one reference at a time.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn recovery(&self) -> &mut Recovery {
        // SAFETY: promised by the caller.
        unsafe { &mut *self.recovery.get() }
    }
}

/// Adds one to a counter of the calling thread.
pub(crate) fn count(counter: fn(&Thread) -> &AtomicU64) {
    if let Some(thread) = Thread::current() {
        counter(thread).fetch_add(1, Relaxed);
    }
}
