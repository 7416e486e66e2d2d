//! What differs from board to board: where memory and devices lie, and how a boot learns about them.

#[cfg(board = "raspi3b")]
mod raspi3b;
#[cfg(not(board = "raspi3b"))]
mod tree;
#[cfg(not(board = "raspi3b"))]
mod virt;

#[cfg(board = "raspi3b")]
pub use raspi3b::*;
#[cfg(not(board = "raspi3b"))]
pub use virt::*;

/// What a boot has to be told about its machine.
pub struct Machine {
    pub cpus: usize,
    /// First physical address after the RAM that the kernel may use.
    pub memory_end: usize,
    /// The kernel's command line.
    pub arguments: &'static [u8],
}

/// Is this physical address normal memory, not a device?
pub fn is_ram(physical: u64) -> bool {
    (RAM as u64..(RAM + RAM_BLOCKS * 0x20_0000) as u64).contains(&physical)
}
