//! The contract between bramble's kernel and everything at EL0.
//!
//! A system call is `svc #0` with the call number in x8, arguments in x0..x7, results in x0..x7.
//! x0 is always the status (`Error` as u64, 0 = success). All other registers are preserved.
//!
//! A thread starts at its image's entry point with x0 = its program number (`program`), x1 = its
//! instance (0, 1, ... when a scenario starts one program several times) and its stack in sp; the
//! other registers are zero. Its domain holds the capabilities of `slot`. Everything is compiled
//! for a target without floating-point registers: they are not part of a thread's context.
#![no_std]
#![forbid(unsafe_code)]

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
/// | Receive         | x0 endpoint slot; a call still unanswered ends with `ServerFault` | x1 badge, x2 label, x3..x5 words, x6 granted slot + 1, x7 sender tid |
/// | Reply           | x1 label, x2..x4 words, x5 slot to grant + 1     |                                                |
/// | ReplyReceive    | as Reply, x0 endpoint slot                       | as Receive; a caller that died meanwhile is no error |
/// | Send            | x0 queue slot, x1 label, x2..x4 words            | QueueFull when the queue is full; never blocks |
/// | QueueReceive    | x0 queue slot                                    | as Receive; blocks while the queue is empty    |
/// | Mint            | x0 slot, x1 rights mask, x2 badge (0: keep it)   | x1 new slot (derived from x0); a badge once set cannot be replaced: InvalidArgument |
/// | Copy            | x0 slot                                          | x1 new slot (derived from x0)                  |
/// | Revoke          | x0 slot                                          | x1 how many derived capabilities were removed  |
/// | Delete          | x0 slot                                          |                                                |
/// | MemoryGrow      | x0 bytes (page multiple)                         | x1 address of fresh zeroed pages               |
/// | SetHandler      | x0 handler entry, x1 top of the handler's stack  |                                                |
/// | RecoveryReport  | x0 address of a `RecoveryReport`                 | x1 new generation of the domain; unless the outcome is `Retried`, the call being served ends with `ServerFault`; after `Failed` the thread is stopped |
/// | Scenario        |                                                  | x1 `Scenario` as u64                           |
/// | Ready           | x0 a thread's word that it has reached its part of the scenario |                                 |
///
/// Every thread of the boot manifest calls `Ready` once: a server when it is about to receive for
/// the first time, a client when the state it has to bring about exists or is one call away. The
/// truth lines follow 200 ms after the last of them.
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

/// Program numbers (x0 at the entry of a thread). Servers live in the image `servers`, the others
/// in the image `user`; the kernel's boot manifest says which scenario starts which of them.
pub mod program {
    /// Grants the endpoints of the other servers to whoever asks by name.
    pub const NAME: u64 = 0;
    /// Files in memory.
    pub const FS: u64 = 1;
    /// A slow block device: sleeps while it serves.
    pub const DISK: u64 = 2;
    pub const CLOCK: u64 = 3;
    /// Drains the asynchronous log queue, slowly.
    pub const LOG: u64 = 4;
    /// Deadlock: alpha calls beta, beta calls gamma, gamma calls alpha.
    pub const ALPHA: u64 = 5;
    pub const BETA: u64 = 6;
    pub const GAMMA: u64 = 7;

    /// Reads files for ever.
    pub const READER: u64 = 16;
    /// Writes files for ever.
    pub const WRITER: u64 = 17;
    /// Transfers blocks straight from the disk; three of them keep its sender queue filled.
    pub const LOADER: u64 = 18;
    /// Asks the clock, sleeps, logs.
    pub const TICKER: u64 = 19;
    /// Triggers the faults of `faulty-server` one after the other, then checks the server.
    pub const TESTER: u64 = 20;
    /// Deadlock: makes the request that closes the cycle.
    pub const STARTER: u64 = 21;
    /// Deadlock: calls alpha once the cycle is closed, and waits with it.
    pub const WAITER: u64 = 22;
    /// Computes for ever, so that some CPU is always busy at EL0.
    pub const WORKER: u64 = 23;
    /// Faults where nobody catches, and dies of it.
    pub const VICTIM: u64 = 24;
}

/// Slots that the kernel fills before a domain's first instruction. Everything from `FREE` on is
/// free for capabilities that are minted, copied or granted.
pub mod slot {
    /// The console, with SEND.
    pub const CONSOLE: u64 = 0;
    /// A server's own endpoint (the log server's: its queue), with all rights. Empty for clients.
    pub const OWN: u64 = 1;
    /// The name server's endpoint, with SEND and GRANT, badge = domain id. Empty for itself.
    pub const NAME: u64 = 2;
    /// The log queue, with SEND, badge = domain id. Empty for the log server.
    pub const LOG: u64 = 3;
    /// The domain's address space, with CONTROL: what authorises `MemoryGrow`.
    pub const SPACE: u64 = 4;
    /// The domain's first thread, with CONTROL: what authorises `SetHandler`.
    pub const THREAD: u64 = 5;
    pub const FREE: u64 = 6;
}

/// Where EL0 images are linked and what the kernel adds to a space.
pub mod layout {
    pub const SERVERS_BASE: u64 = 0x0001_0000;
    pub const USER_BASE: u64 = 0x0040_0000;
    /// `MemoryGrow` hands out pages from here upwards.
    pub const HEAP_BASE: u64 = 0x10_0000_0000;
    /// Stacks lie below here, each with an unmapped page underneath.
    pub const STACK_TOP: u64 = 0x3f_0000_0000;
    /// Bytes of a thread's stack.
    pub const STACK_SIZE: u64 = 0x1_0000;
    /// Bytes below the address given to `SetHandler` that belong to the handler's stack. A fault
    /// while sp lies there is a fault inside the handler: the thread is stopped.
    pub const HANDLER_STACK_SIZE: u64 = 0x1_0000;
}

impl Call {
    pub const ALL: [Call; 20] = [
        Call::Exit,
        Call::Yield,
        Call::Sleep,
        Call::Time,
        Call::ConsoleWrite,
        Call::Call,
        Call::Receive,
        Call::Reply,
        Call::ReplyReceive,
        Call::Send,
        Call::QueueReceive,
        Call::Mint,
        Call::Copy,
        Call::Revoke,
        Call::Delete,
        Call::MemoryGrow,
        Call::SetHandler,
        Call::RecoveryReport,
        Call::Scenario,
        Call::Ready,
    ];

    pub fn from_number(number: u64) -> Option<Call> {
        Call::ALL.into_iter().find(|&call| call as u64 == number)
    }
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
    /// What was named does not exist (answered by servers).
    NotFound = 20,
    /// No room is left in what the server keeps (answered by servers).
    StorageFull = 21,
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

impl Cause {
    pub fn from_number(number: u32) -> Option<Cause> {
        [
            Cause::Panic,
            Cause::DataAbort,
            Cause::InstructionAbort,
            Cause::UndefinedInstruction,
            Cause::Alignment,
            Cause::Other,
        ]
        .into_iter()
        .find(|&cause| cause as u32 == number)
    }
}

impl Outcome {
    pub fn from_number(number: u32) -> Option<Outcome> {
        [Outcome::Retried, Outcome::Restarted, Outcome::Failed]
            .into_iter()
            .find(|&outcome| outcome as u32 == number)
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
