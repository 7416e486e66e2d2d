//! What the runtime keeps about each thread: enough to recover it.

use crate::ledger::Ledger;
use crate::recovery::Recovery;
use bramble_abi::layout::{HANDLER_STACK_SIZE, STACK_SIZE};
use bramble_unwind::Unwinding;
use core::arch::asm;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Threads of one image in one space.
const THREADS: usize = 16;

/// Found by its stack: threads have no register that points here.
pub(crate) struct Thread {
    /// End of the stack; 0 while the record is free.
    stack_top: AtomicU64,
    /// Lowest address of the fault handler's stack; 0 without a handler.
    handler_stack: AtomicU64,
    pub program: AtomicU64,
    pub instance: AtomicU64,
    /// Heap blocks this thread has allocated and freed.
    pub allocated: AtomicU64,
    pub freed: AtomicU64,
    /// Locks this thread has released.
    pub released: AtomicU64,
    /// Locks this thread holds.
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
            handler_stack: AtomicU64::new(0),
            program: AtomicU64::new(0),
            instance: AtomicU64::new(0),
            allocated: AtomicU64::new(0),
            freed: AtomicU64::new(0),
            released: AtomicU64::new(0),
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

    pub fn stack_top(&self) -> u64 {
        self.stack_top.load(Relaxed)
    }

    pub fn set_handler_stack(&self, lowest: u64) {
        self.handler_stack.store(lowest, Relaxed);
    }

    /// Heap blocks this thread has allocated more than freed.
    pub fn live_blocks(&self) -> u64 {
        self.allocated.load(Relaxed).wrapping_sub(self.freed.load(Relaxed))
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
