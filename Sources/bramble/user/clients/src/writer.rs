//! Appends to a file for ever.

use bramble_runtime::protocol::fs::FileSystem;
use bramble_runtime::protocol::log;
use bramble_runtime::{ready, sleep};

pub fn run() {
    let fs = FileSystem::find();
    ready();
    let mut lost = 0;
    for line in 0u64.. {
        if write_line(fs, line).is_err() {
            lost += 1;
            log::note("lost", lost);
        }
        sleep(15);
    }
}

fn write_line(fs: FileSystem, line: u64) -> Result<u64, bramble_runtime::Error> {
    fs.append_file("journal", line.to_le_bytes())
}
