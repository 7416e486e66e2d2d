//! What a domain may have: beyond it, `TableFull`, or `OutOfMemory` for pages.

/// Places of a capability table.
pub const CAPABILITIES: usize = 1 << 15;
/// Threads, dead ones that are still to be seen included.
pub const THREADS: usize = 1 << 14;
/// Endpoints that it has made.
pub const ENDPOINTS: usize = 1 << 10;
/// Notifications that it has made.
pub const NOTIFICATIONS: usize = 1 << 10;
/// Frames that it has made.
pub const FRAMES: usize = 1 << 10;
/// Pages of one frame.
pub const FRAME_PAGES: usize = 1 << 12;
/// Messages of one queue.
pub const QUEUE_CAPACITY: usize = 64;
/// Pages mapped in one space.
pub const SPACE_PAGES: usize = (48 << 20) / 4096;
/// Dead threads that the kernel remembers, all domains together.
pub const DEAD_THREADS: usize = 64;
