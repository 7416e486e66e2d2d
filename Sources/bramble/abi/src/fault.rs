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
        /// A jump or return to where no jump or return can lead.
        ControlFlow = 6,
        /// One request has used more time of the CPU than any request should.
        Watchdog = 7,
        /// The saved registers were changed while the thread did not run.
        Context = 8,
        /// A block or lock was released twice.
        DoubleRelease = 9,
    }
}

numbered! {
    /// How much was given up.
    Level: u32 {
        /// What one request owned.
        Request = 0,
        /// The state of a service, which begins anew.
        Server = 1,
        /// The thread, and with its last one the domain.
        Domain = 2,
    }
}

numbered! {
    /// How a recovery ended.
    Outcome: u32 {
        /// The request was run again and succeeded.
        Retried = 0,
        /// The request was given up, its client got `ServerFault`, the server loop goes on.
        Restarted = 1,
        /// There was no other way: the thread was stopped.
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
    pub level: Level,
    pub outcome: Outcome,
    /// What was given up and could be neither released nor explained: heap blocks, locks and
    /// capabilities that the ledger had no place for.
    pub lost: u32,
    /// Whose request it was, and the label of the request.
    pub client: u64,
    pub label: u64,
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
    /// What the pads left and the ledger released.
    pub ledger_blocks: u32,
    pub ledger_locks: u32,
    pub ledger_capabilities: u32,
    /// Releases of blocks and locks that had been released already.
    pub double_releases: u32,
    /// What the domain holds afterwards.
    pub held_blocks: u32,
    pub held_locks: u32,
    /// Nanoseconds since boot when the fault was noticed.
    pub began: u64,
    /// Nanoseconds from the fault to the catch.
    pub duration: u64,
    /// The first landing pads by address, in the order they were entered.
    pub pad_addresses: [u64; REPORTED_PADS],
}

impl RecoveryReport {
    pub const EMPTY: RecoveryReport = RecoveryReport {
        cause: Cause::Other,
        level: Level::Request,
        outcome: Outcome::Failed,
        lost: 0,
        client: 0,
        label: 0,
        pc: 0,
        fault_address: 0,
        frames: 0,
        pads: 0,
        released_blocks: 0,
        released_locks: 0,
        ledger_blocks: 0,
        ledger_locks: 0,
        ledger_capabilities: 0,
        double_releases: 0,
        held_blocks: 0,
        held_locks: 0,
        began: 0,
        duration: 0,
        pad_addresses: [0; REPORTED_PADS],
    };
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
    /// The address that could not be accessed; 0 for other causes.
    pub fault_address: u64,
    pub cause: Cause,
    /// Makes the size a whole number of words.
    pub reserved: u32,
}
