//! Boot scenarios.

numbered! {
    /// Chosen by `scenario=NAME` in the kernel's command line.
    Scenario: u64 {
        Steady = 0,
        FaultyServer = 1,
        Deadlock = 2,
        /// A recovery that the ledger cannot make whole.
        LeakyRecovery = 3,
        /// A thread is stopped with a lock in hand that others wait for.
        OrphanedLock = 4,
        /// Ten thousand threads, a hundred thousand capabilities.
        Storm = 5,
        /// A client that checks every answer, while faults are injected from outside.
        Campaign = 8,
        /// The kernel itself fails.
        Crash = 6,
        /// Authority that is lent, passed on and taken back.
        Revoke = 7,
    }
}

impl Scenario {
    pub fn name(self) -> &'static str {
        match self {
            Scenario::Steady => "steady",
            Scenario::FaultyServer => "faulty-server",
            Scenario::Deadlock => "deadlock",
            Scenario::LeakyRecovery => "leaky-recovery",
            Scenario::OrphanedLock => "orphaned-lock",
            Scenario::Storm => "storm",
            Scenario::Campaign => "campaign",
            Scenario::Crash => "crash",
            Scenario::Revoke => "revoke",
        }
    }

    pub fn from_name(name: &str) -> Option<Scenario> {
        Scenario::ALL.iter().copied().find(|scenario| scenario.name() == name)
    }
}
