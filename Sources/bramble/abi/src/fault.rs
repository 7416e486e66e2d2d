//! Faults and recoveries: what the kernel tells a handler, and what the handler reports.

numbered! {
    /// What a recovery was started by.
    Cause: u32 {
        Panic = 0,
        DataAbort = 1,
        InstructionAbort = 2,
        UndefinedInstruction = 3,
        Alignment = 4,
        Other = 5,
    }
}

numbered! {
    /// How a recovery ended.
    Outcome: u32 {
        /// The request was run again and succeeded.
        Retried = 0,
        /// The request was given up, its client got `ServerFault`, the server loop goes on.
        Restarted = 1,
        /// The unwinder found no catch: the thread was stopped.
        Failed = 2,
    }
}

/// The most landing pads that a report lists by address; `pads` counts all of them.
pub const REPORTED_PADS: usize = 8;

/// One recovery as the runtime of a server reports it to the kernel, which adds sequence, time of
/// the report, domain, thread and the new generation.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct RecoveryReport {
    pub cause: Cause,
    pub outcome: Outcome,
    /// The faulting instruction, or the call that panicked.
    pub pc: u64,
    /// The faulting address of an abort, otherwise 0.
    pub fault_address: u64,
    /// Frames walked until the catch, the faulting one included.
    pub frames: u32,
    /// Landing pads entered, the catch included.
    pub pads: u32,
    /// Heap blocks freed by the pads.
    pub released_blocks: u32,
    /// Locks released by the pads.
    pub released_locks: u32,
    /// Nanoseconds since boot when the fault was noticed.
    pub began: u64,
    /// Nanoseconds from the fault to the catch.
    pub duration: u64,
    /// The first landing pads by address, in the order they were entered.
    pub pad_addresses: [u64; REPORTED_PADS],
}

/// What the kernel leaves for a fault handler at the address in x0: registers at the fault.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct FaultFrame {
    pub x: [u64; 31],
    pub sp: u64,
    pub pc: u64,
    pub pstate: u64,
    /// ESR_EL1 of the exception.
    pub syndrome: u64,
    /// FAR_EL1 of the exception.
    pub fault_address: u64,
}
