//! Commands about files.

use crate::command::{Failure, expect_none};
use alloc::string::String;

use bramble_runtime::protocol::Word;
use bramble_runtime::protocol::fs::FileSystem;
use bramble_runtime::{Mutex, answer};

pub fn list(arguments: &[&str]) -> Result<(), Failure> {
    expect_none(arguments)?;
    let fs = file_system()?;
    let mut latest = Word(0);
    while let Some((name, size)) = fs.list(latest)? {
        answer!("{size:>6} {name}");
        latest = name;
    }
    let [free, all, block_size] = fs.status()?;
    answer!("{free} of {all} blocks of {block_size} bytes are free");
    Ok(())
}

pub fn show(arguments: &[&str]) -> Result<(), Failure> {
    let [file] = arguments else { return Err(Failure::Usage) };
    let bytes = file_system()?.read_whole_file(file)?;
    for line in String::from_utf8_lossy(&bytes).lines() {
        answer!("{line}");
    }
    Ok(())
}

pub fn write(arguments: &[&str]) -> Result<(), Failure> {
    let [file, words @ ..] = arguments else { return Err(Failure::Usage) };
    let mut line = words.join(" ");
    line.push('\n');
    let size = file_system()?.append(file, line.as_bytes())?;
    answer!("{size} bytes");
    Ok(())
}

pub fn remove(arguments: &[&str]) -> Result<(), Failure> {
    let [file] = arguments else { return Err(Failure::Usage) };
    Ok(file_system()?.delete_file(file)?)
}

/// Asked for once: each answer of the name server takes a place in the table of capabilities.
static FILE_SYSTEM: Mutex<Option<FileSystem>> = Mutex::new(None);

/// Not every scenario has one.
pub fn file_system() -> Result<FileSystem, Failure> {
    let mut known = FILE_SYSTEM.lock();
    if known.is_none() {
        *known = FileSystem::find_now();
    }
    known.ok_or_else(|| Failure::Said(String::from("no file server here")))
}
