//! Dies: it faults, and has no request loop that would catch. Its landing pads run all the same,
//! but then there is nothing to go on with.

use alloc::boxed::Box;
use bramble_runtime::protocol::fs::FileSystem;
use bramble_runtime::protocol::memory::Memory;
use bramble_runtime::{fault, ready, sleep};

pub fn run() {
    let fs = FileSystem::find();
    // The memory server takes back what the dead have left.
    let _ = Memory::find().allocate(2);
    ready();
    sleep(20);
    follow_link(fs, Box::new(0));
}

/// A link that leads nowhere.
fn follow_link(fs: FileSystem, mut target: Box<u64>) {
    if let Ok((16, bytes)) = fs.read_file("motd", 0) {
        *target = u64::from(bytes[0]);
    }
    fault::data_abort();
}
