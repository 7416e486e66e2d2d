//! What the memory server has to do, and to refuse.

use crate::expect::{expect, expect_error};
use alloc::format;
use alloc::string::String;
use bramble_runtime::Error;
use bramble_runtime::protocol::memory::{Memory, QUOTA};

/// Takes memory and gives it back; leaves nothing behind.
pub fn check_memory(memory: Memory) -> Result<(), String> {
    let (handle, frame) = expect("allocate", memory.allocate(2))?;
    let mapping = expect("map", frame.map(true))?;
    expect("write", mapping.write(4096, 42))?;
    match expect("read", mapping.read(4096))? {
        42 => {}
        other => return Err(format!("42 has become {other}")),
    }
    expect_error("take what is not shared", memory.take(handle).map(drop), Error::NotFound)?;
    expect_error("allocate too much", memory.allocate(QUOTA).map(drop), Error::StorageFull)?;
    expect_error("allocate nothing", memory.allocate(0).map(drop), Error::InvalidArgument)?;
    expect_error("release no handle", memory.release(u64::MAX), Error::NotFound)?;
    expect("release", memory.release(handle))?;
    expect_error("map what is released", frame.map(true).map(drop), Error::InvalidSlot)?;
    match expect("status", memory.status())? {
        [0, 0, _] => Ok(()),
        [frames, pages, _] => Err(format!("{frames} frames of {pages} pages are left")),
    }
}
