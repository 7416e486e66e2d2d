//! Boot scenarios.

numbered! {
    /// Chosen by `scenario=NAME` in the kernel's command line.
    Scenario: u64 {
        Steady = 0,
        FaultyServer = 1,
        Deadlock = 2,
    }
}
