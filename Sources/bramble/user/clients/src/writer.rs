//! Appends to a file for ever, and begins it anew when it is long.

use bramble_runtime::protocol::fs::FileSystem;
use bramble_runtime::protocol::log;
use bramble_runtime::{Error, ready, sleep};

/// Bytes of the journal before it is deleted.
const LONGEST: u64 = 512;

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

fn write_line(fs: FileSystem, line: u64) -> Result<(), Error> {
    match fs.append_file("journal", line.to_le_bytes())? {
        LONGEST.. => fs.delete_file("journal"),
        _ => Ok(()),
    }
}
