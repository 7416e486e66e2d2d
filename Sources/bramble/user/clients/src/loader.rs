//! Loads blocks from the disk, without a pause: several of these keep callers waiting there.

use bramble_runtime::protocol::disk::Disk;
use bramble_runtime::{instance, println, ready};

/// Blocks of each loader's part of the disk.
const BLOCKS: u64 = 16;

pub fn run() {
    let disk = Disk::find();
    ready();
    loop {
        load_program(disk, instance() * BLOCKS);
    }
}

fn load_program(disk: Disk, first: u64) {
    for block in first..first + BLOCKS {
        match disk.transfer(block) {
            // 512 bytes, each with the number of the block.
            Ok(checksum) if checksum == 512 * (block & 0xff) => {}
            other => println!("block {block}: {other:?}"),
        }
    }
}
