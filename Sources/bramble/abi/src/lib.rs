//! The contract between bramble's kernel and everything at EL0.
//!
//! A system call is `svc #0` with the call number in x8, arguments in x0..x7, results in x0..x7.
//! x0 is always the status (`Error` as u64, 0 = success). All other registers are preserved.
#![no_std]

/// System call numbers (x8).
///
/// | call            | arguments                                        | results (x0 = status)                          |
/// |-----------------|--------------------------------------------------|------------------------------------------------|
/// | Exit            | x0 code                                          | never returns                                  |
/// | Yield           |                                                  |                                                |
/// | Sleep           | x0 nanoseconds                                   |                                                |
/// | Time            |                                                  | x1 nanoseconds since boot                      |
/// | ConsoleWrite    | x0 console slot, x1 address, x2 byte count (<= 256) |                                             |
/// | Call            | x0 endpoint slot, x1 label, x2..x4 words, x5 slot to grant + 1 (0: none) | x1 label, x2..x4 words, x5 granted slot + 1 |
/// | Receive         | x0 endpoint slot                                 | x1 badge, x2 label, x3..x5 words, x6 granted slot + 1, x7 sender tid |
/// | Reply           | x1 label, x2..x4 words, x5 slot to grant + 1     |                                                |
/// | ReplyReceive    | as Reply, x0 endpoint slot                       | as Receive                                     |
/// | Send            | x0 queue slot, x1 label, x2..x4 words            | QueueFull when the queue is full; never blocks |
/// | QueueReceive    | x0 queue slot                                    | as Receive; blocks while the queue is empty    |
/// | Mint            | x0 slot, x1 rights mask, x2 badge                | x1 new slot (derived from x0)                  |
/// | Copy            | x0 slot                                          | x1 new slot (derived from x0)                  |
/// | Revoke          | x0 slot                                          | x1 how many derived capabilities were removed  |
/// | Delete          | x0 slot                                          |                                                |
/// | MemoryGrow      | x0 bytes (page multiple)                         | x1 address of fresh zeroed pages               |
/// | SetHandler      | x0 handler entry, x1 top of the handler's stack  |                                                |
/// | RecoveryReport  | x0 address of a `RecoveryReport`                 | x1 new generation of the domain                |
/// | Scenario        |                                                  | x1 `Scenario` as u64                           |
/// | Ready           | x0 a thread's word that it has reached its part of the scenario |                                 |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Call {
    Exit = 0,
    Yield = 1,
    Sleep = 2,
    Time = 3,
    ConsoleWrite = 4,
    Call = 8,
    Receive = 9,
    Reply = 10,
    ReplyReceive = 11,
    Send = 12,
    QueueReceive = 13,
    Mint = 16,
    Copy = 17,
    Revoke = 18,
    Delete = 19,
    MemoryGrow = 20,
    SetHandler = 24,
    RecoveryReport = 25,
    Scenario = 26,
    Ready = 27,
}

/// Status of a system call (x0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Error {
    None = 0,
    UnknownCall = 1,
    InvalidSlot = 2,
    WrongObject = 3,
    MissingRights = 4,
    QueueFull = 5,
    TableFull = 6,
    BadAddress = 7,
    OutOfMemory = 8,
    /// The server recovered from a fault while it served this call: it has given up the request.
    ServerFault = 9,
    /// The partner died, or nobody waits for this reply.
    PartnerGone = 10,
    InvalidArgument = 11,
}

/// Rights of a capability, as a mask.
pub mod rights {
    /// Call or send through an endpoint; write to a console.
    pub const SEND: u8 = 1 << 0;
    /// Receive from an endpoint or a queue.
    pub const RECEIVE: u8 = 1 << 1;
    /// Pass the capability on: mint, copy, grant in a message.
    pub const GRANT: u8 = 1 << 2;
    /// Control the object: stop a thread, change a space.
    pub const CONTROL: u8 = 1 << 3;
    pub const ALL: u8 = 0xf;
}

/// Boot scenarios, chosen by `scenario=NAME` in the kernel's command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Scenario {
    Steady = 0,
    FaultyServer = 1,
    Deadlock = 2,
}

/// What a recovery was started by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Cause {
    Panic = 0,
    DataAbort = 1,
    InstructionAbort = 2,
    UndefinedInstruction = 3,
    Alignment = 4,
    Other = 5,
}

/// How a recovery ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Outcome {
    /// The request was run again and succeeded.
    Retried = 0,
    /// The request was given up, its client got `ServerFault`, the server loop goes on.
    Restarted = 1,
    /// The unwinder found no catch: the thread was stopped.
    Failed = 2,
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
