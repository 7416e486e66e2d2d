//! What the stub asks of the machine, which stands still meanwhile.

use crate::BreakpointKind;

/// The most CPUs that a stub serves.
pub const MOST_CPUS: usize = 8;

/// Why something was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The machine cannot do this at all.
    Unsupported,
    /// It could, but not here or not now.
    Failed,
}

pub trait Target {
    /// Sends a byte to the debugger.
    fn put(&mut self, byte: u8);

    /// Waits for the debugger's next byte.
    fn get(&mut self) -> u8;

    /// Is this a CPU that stands still, so that it can be looked at?
    fn is_halted(&self, cpu: usize) -> bool;

    /// The value of a register, numbered as in the target description.
    fn register(&self, cpu: usize, number: usize) -> Option<u64>;

    fn set_register(&mut self, cpu: usize, number: usize, value: u64) -> Result<(), Refusal>;

    /// Reads memory as this CPU sees it; returns how many bytes at the start of `bytes` were
    /// readable.
    fn read(&mut self, cpu: usize, address: u64, bytes: &mut [u8]) -> usize;

    /// Writes memory as this CPU sees it, read-only memory as well.
    fn write(&mut self, cpu: usize, address: u64, bytes: &[u8]) -> Result<(), Refusal>;

    /// Inserts a breakpoint or watchpoint. Doing so twice is doing it once.
    fn insert(
        &mut self,
        cpu: usize,
        kind: BreakpointKind,
        address: u64,
        length: u64,
    ) -> Result<(), Refusal>;

    /// Removes it. Removing what is not there is no error.
    fn remove(
        &mut self,
        cpu: usize,
        kind: BreakpointKind,
        address: u64,
        length: u64,
    ) -> Result<(), Refusal>;

    /// Removes all breakpoints and watchpoints.
    fn remove_all(&mut self);
}
