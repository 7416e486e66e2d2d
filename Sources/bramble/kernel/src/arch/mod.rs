//! What depends on the processor and the board. The rest of the kernel uses these names only.

mod aarch64;

pub use aarch64::*;
