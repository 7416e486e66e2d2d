//! Where the kernel sees physical memory.

/// Bytes of a page, and of a frame that holds one.
pub const PAGE: usize = 4096;
/// Physical address + this = where the kernel sees it.
pub const LINEAR: usize = 0xffff_ff80_0000_0000;
