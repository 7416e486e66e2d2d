//! Where EL0 images are linked and what the kernel adds to a space.

pub const SERVERS_BASE: u64 = 0x0001_0000;
pub const USER_BASE: u64 = 0x0040_0000;
/// `MemoryGrow` hands out pages from here upwards.
pub const HEAP_BASE: u64 = 0x10_0000_0000;
/// `FrameMap` maps from here upwards.
pub const FRAME_BASE: u64 = 0x20_0000_0000;
pub const FRAME_END: u64 = 0x30_0000_0000;
/// Stacks lie below here, each with an unmapped page underneath.
pub const STACK_TOP: u64 = 0x3f_0000_0000;
/// Bytes of a thread's stack.
pub const STACK_SIZE: u64 = 0x1_0000;
/// Bytes below the address given to `SetHandler` that belong to the handler's stack. A fault
/// while sp lies there is a fault inside the handler: the thread is stopped.
pub const HANDLER_STACK_SIZE: u64 = 0x1_0000;
