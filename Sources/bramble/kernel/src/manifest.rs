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
        Scenario::Revoke => REVOKE,
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

const STEADY: &[Entry] = &[
    NAME_SERVER,
    server("fs", program::FS),
    server("disk", program::DISK),
    server("clock", program::CLOCK),
    LOG_SERVER,
    user("reader", program::READER, 0),
    user("writer", program::WRITER, 0),
    user("loader-0", program::LOADER, 0),
    user("loader-1", program::LOADER, 1),
    user("loader-2", program::LOADER, 2),
    user("ticker", program::TICKER, 0),
    user("worker-0", program::WORKER, 0),
    user("worker-1", program::WORKER, 1),
];

const FAULTY_SERVER: &[Entry] = &[
    NAME_SERVER,
    server("fs", program::FS),
    server("disk", program::DISK),
    server("clock", program::CLOCK),
    LOG_SERVER,
    user("tester", program::TESTER, 0),
    user("victim", program::VICTIM, 0),
    user("reader", program::READER, 0),
    user("ticker", program::TICKER, 0),
];

const DEADLOCK: &[Entry] = &[
    NAME_SERVER,
    server("clock", program::CLOCK),
    LOG_SERVER,
    server("alpha", program::ALPHA),
    server("beta", program::BETA),
    server("gamma", program::GAMMA),
    server("delta", program::DELTA),
    server("epsilon", program::EPSILON),
    user("starter-0", program::STARTER, 0),
    user("starter-1", program::STARTER, 1),
    user("waiter", program::WAITER, 0),
    user("ticker", program::TICKER, 0),
];

const REVOKE: &[Entry] = &[
    NAME_SERVER,
    server("disk", program::DISK),
    LOG_SERVER,
    server("broker", program::BROKER),
    user("lender", program::LENDER, 0),
    user("borrower-0", program::BORROWER, 0),
    user("borrower-1", program::BORROWER, 1),
    user("borrower-2", program::BORROWER, 2),
];
