//! Reads a file from beginning to end, for ever.

use alloc::string::String;
use bramble_runtime::protocol::fs::FileSystem;
use bramble_runtime::{Error, println, ready, sleep};

pub fn run() {
    let fs = FileSystem::find();
    match read_whole_file(fs, "motd") {
        Ok(text) => println!("motd: {text}"),
        Err(error) => println!("motd: {error:?}"),
    }
    ready();
    loop {
        // The server may be recovering from what others did to it; the next round will show.
        let _ = read_whole_file(fs, "motd");
        sleep(10);
    }
}

fn read_whole_file(fs: FileSystem, name: &str) -> Result<String, Error> {
    let bytes = fs.read_whole_file(name)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
