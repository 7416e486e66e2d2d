//! Program numbers (x0 at the entry of a thread). Servers live in the image `servers`, the others
//! in the image `user`; the kernel's boot manifest says which scenario starts which of them.

/// Constants with these numbers, and `name`, which knows what the console calls each of them.
macro_rules! programs {
    ($($(#[$comment:meta])* $program:ident = $number:literal $name:literal,)*) => {
        $($(#[$comment])* pub const $program: u64 = $number;)*

        pub fn name(number: u64) -> &'static str {
            match number {
                $($number => $name,)*
                _ => "?",
            }
        }
    };
}

programs! {
    // Servers.

    /// Grants the endpoints of the other servers to whoever asks by name.
    NAME = 0 "name",
    /// Files on the disk.
    FS = 1 "fs",
    /// A block device in memory, with a slow head.
    DISK = 2 "disk",
    CLOCK = 3 "clock",
    /// Drains the asynchronous log queue, slowly.
    LOG = 4 "log",
    /// Deadlock: alpha calls beta, beta calls gamma, gamma calls alpha.
    ALPHA = 5 "alpha",
    BETA = 6 "beta",
    GAMMA = 7 "gamma",
    /// Deadlock: delta calls epsilon, epsilon calls delta.
    DELTA = 8 "delta",
    EPSILON = 9 "epsilon",
    /// Revoke: keeps capabilities that others deposit, and lends them.
    BROKER = 10 "broker",
    /// Reads the console for everybody.
    CONSOLE = 11 "console",
    /// Gives out pages, to be shared.
    MEMORY = 12 "memory",
    /// Orphaned lock: loses a lock to a thread that it stops.
    ARCHIVE = 13 "archive",
    /// Leaky recovery: takes more than its ledger has room for.
    PANTRY = 14 "pantry",

    // User programs.

    /// Reads files for ever.
    READER = 16 "reader",
    /// Writes files for ever.
    WRITER = 17 "writer",
    /// Transfers blocks straight from the disk; three of them keep its sender queue filled.
    LOADER = 18 "loader",
    /// Asks the clock, sleeps, logs.
    TICKER = 19 "ticker",
    /// Triggers the faults of `faulty-server` one after the other, then checks the server.
    TESTER = 20 "tester",
    /// Deadlock: makes the request that closes a cycle; instance 0 at alpha, 1 at delta.
    STARTER = 21 "starter",
    /// Deadlock: calls alpha once the cycle is closed, and waits with it.
    WAITER = 22 "waiter",
    /// Computes for ever, so that some CPU is always busy at EL0.
    WORKER = 23 "worker",
    /// Faults where nobody catches, and dies of it.
    VICTIM = 24 "victim",
    /// Revoke: lends the disk through the broker, takes it back, lends it again.
    LENDER = 25 "lender",
    /// Revoke: uses the disk through what it has borrowed, until it is taken back.
    BORROWER = 26 "borrower",
    /// Storm: makes threads and capabilities by the thousand, and waits.
    STORM = 27 "storm",
    /// Orphaned lock: asks the archive, and waits; instance 0 for ever.
    PATRON = 28 "patron",
    /// Leaky recovery: makes the pantry leak.
    GUEST = 29 "guest",
    /// Campaign: makes every request that there is, and checks the answers.
    PROBER = 30 "prober",
    /// Obeys what is typed.
    SHELL = 32 "shell",
}
