//! What each scenario starts: one domain with one thread per line.

use bramble_abi::{Scenario, program};

use crate::ipc;

/// One line of a boot manifest.
pub struct Entry {
    pub name: &'static str,
    /// x0 at the entry of its thread.
    pub program: u64,
    /// x1 at the entry of its thread.
    pub instance: u64,
    pub role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A domain of its own in the space of all servers, with an endpoint.
    Server(ipc::Kind),
    /// A domain in a space of its own.
    User,
}

pub fn of(scenario: Scenario) -> &'static [Entry] {
    match scenario {
        Scenario::Steady | Scenario::Crash => STEADY,
        Scenario::FaultyServer => FAULTY_SERVER,
        Scenario::Deadlock => DEADLOCK,
        Scenario::LeakyRecovery => LEAKY_RECOVERY,
        Scenario::OrphanedLock => ORPHANED_LOCK,
        Scenario::Revoke => REVOKE,
        Scenario::Storm => STORM,
        Scenario::Campaign => CAMPAIGN,
    }
}

impl Entry {
    /// Higher runs first. Workers run when nobody else wants to.
    pub fn priority(&self) -> u8 {
        match (self.role, self.program) {
            (Role::Server(_), _) => 3,
            (Role::User, program::WORKER) => 1,
            (Role::User, _) => 2,
        }
    }
}

const fn server(name: &'static str, program: u64) -> Entry {
    Entry { name, program, instance: 0, role: Role::Server(ipc::Kind::Rendezvous) }
}

const fn user(name: &'static str, program: u64, instance: u64) -> Entry {
    Entry { name, program, instance, role: Role::User }
}

const NAME_SERVER: Entry = server("name", program::NAME);
const LOG_SERVER: Entry = Entry {
    name: "log",
    program: program::LOG,
    instance: 0,
    role: Role::Server(ipc::Kind::Queue { capacity: ipc::QUEUE_CAPACITY }),
};

const CONSOLE_SERVER: Entry = server("console", program::CONSOLE);
const SHELL: Entry = user("shell", program::SHELL, 0);

const STEADY: &[Entry] = &[
    NAME_SERVER,
    server("fs", program::FS),
    server("disk", program::DISK),
    server("clock", program::CLOCK),
    LOG_SERVER,
    CONSOLE_SERVER,
    server("memory", program::MEMORY),
    user("reader", program::READER, 0),
    user("writer", program::WRITER, 0),
    user("loader-0", program::LOADER, 0),
    user("loader-1", program::LOADER, 1),
    user("loader-2", program::LOADER, 2),
    user("ticker", program::TICKER, 0),
    user("worker-0", program::WORKER, 0),
    user("worker-1", program::WORKER, 1),
    SHELL,
];

const FAULTY_SERVER: &[Entry] = &[
    NAME_SERVER,
    server("fs", program::FS),
    server("disk", program::DISK),
    server("clock", program::CLOCK),
    LOG_SERVER,
    CONSOLE_SERVER,
    server("memory", program::MEMORY),
    user("tester", program::TESTER, 0),
    user("victim", program::VICTIM, 0),
    user("reader", program::READER, 0),
    user("ticker", program::TICKER, 0),
    SHELL,
];

const DEADLOCK: &[Entry] = &[
    NAME_SERVER,
    server("clock", program::CLOCK),
    LOG_SERVER,
    CONSOLE_SERVER,
    server("alpha", program::ALPHA),
    server("beta", program::BETA),
    server("gamma", program::GAMMA),
    server("delta", program::DELTA),
    server("epsilon", program::EPSILON),
    user("starter-0", program::STARTER, 0),
    user("starter-1", program::STARTER, 1),
    user("waiter", program::WAITER, 0),
    user("ticker", program::TICKER, 0),
    SHELL,
];

const LEAKY_RECOVERY: &[Entry] = &[
    NAME_SERVER,
    server("clock", program::CLOCK),
    LOG_SERVER,
    CONSOLE_SERVER,
    server("pantry", program::PANTRY),
    user("guest", program::GUEST, 0),
    user("ticker", program::TICKER, 0),
    SHELL,
];

const ORPHANED_LOCK: &[Entry] = &[
    NAME_SERVER,
    server("clock", program::CLOCK),
    LOG_SERVER,
    CONSOLE_SERVER,
    server("archive", program::ARCHIVE),
    user("patron-0", program::PATRON, 0),
    user("patron-1", program::PATRON, 1),
    user("ticker", program::TICKER, 0),
    SHELL,
];

const CAMPAIGN: &[Entry] = &[
    NAME_SERVER,
    server("fs", program::FS),
    server("disk", program::DISK),
    server("clock", program::CLOCK),
    LOG_SERVER,
    user("prober", program::PROBER, 0),
];

const REVOKE: &[Entry] = &[
    NAME_SERVER,
    server("disk", program::DISK),
    LOG_SERVER,
    CONSOLE_SERVER,
    server("broker", program::BROKER),
    user("lender", program::LENDER, 0),
    user("borrower-0", program::BORROWER, 0),
    user("borrower-1", program::BORROWER, 1),
    user("borrower-2", program::BORROWER, 2),
    SHELL,
];

const STORM: &[Entry] = &[
    NAME_SERVER,
    LOG_SERVER,
    CONSOLE_SERVER,
    user("storm-0", program::STORM, 0),
    user("storm-1", program::STORM, 1),
    user("storm-2", program::STORM, 2),
    user("storm-3", program::STORM, 3),
    SHELL,
];
