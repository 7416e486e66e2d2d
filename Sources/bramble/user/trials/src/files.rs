//! What the file server has to do, and to refuse.

use crate::expect::{expect, expect_error};
use alloc::format;
use alloc::string::String;
use bramble_runtime::Error;
use bramble_runtime::protocol::Word;
use bramble_runtime::protocol::fs::FileSystem;

/// More than two blocks, in pieces that do not fit them evenly.
const LONG: usize = 301;

/// Creates, reads, lists and deletes files; leaves the disk as it was.
pub fn check_files(fs: FileSystem) -> Result<(), String> {
    let [free, ..] = expect("status", fs.status())?;
    check_contents(fs)?;
    check_refusals(fs)?;
    check_full_directory(fs)?;
    match expect("status", fs.status())? {
        [left, ..] if left == free => Ok(()),
        [left, ..] => Err(format!("{free} blocks were free, now {left}")),
    }
}

fn check_contents(fs: FileSystem) -> Result<(), String> {
    let text: [u8; LONG] = core::array::from_fn(|index| b'a' + (index % 26) as u8);
    for part in text.chunks(7) {
        expect("append", fs.append("long", part))?;
    }
    if expect("read", fs.read_whole_file("long"))? != text {
        return Err(String::from("a long file is not what was written"));
    }
    let (count, piece) = expect("read across a sector", fs.read_file("long", 125))?;
    if count != 16 || piece != text[125..141] {
        return Err(String::from("reading across a sector gives something else"));
    }
    match expect("read behind the end", fs.read_file("long", u64::MAX))? {
        (0, _) => expect("delete", fs.delete_file("long")),
        (count, _) => Err(format!("{count} bytes behind the end")),
    }
}

fn check_refusals(fs: FileSystem) -> Result<(), String> {
    expect_error("read no file", fs.read_file("absent", 0), Error::NotFound)?;
    expect_error("delete no file", fs.delete_file("absent"), Error::NotFound)?;
    expect_error("append to a long name", fs.append("ninebytes", b"x"), Error::InvalidArgument)?;
    expect_error("append to no name", fs.append("", b"x"), Error::InvalidArgument)?;
    expect_error("append to a strange name", fs.append("a b", b"x"), Error::InvalidArgument)
}

/// One file too many.
fn check_full_directory(fs: FileSystem) -> Result<(), String> {
    let mut count = 0;
    let refusal = loop {
        match fs.append(&format!("full-{count}"), b"x") {
            Ok(_) => count += 1,
            Err(error) => break error,
        }
    };
    let listed = list_all(fs)?;
    for number in 0..count {
        expect("delete", fs.delete_file(&format!("full-{number}")))?;
    }
    match refusal {
        Error::StorageFull if listed >= count => Ok(()),
        error => Err(format!("{count} files, of {listed} in the list, then {error:?}")),
    }
}

fn list_all(fs: FileSystem) -> Result<u32, String> {
    let (mut count, mut latest) = (0, Word(0));
    while let Some((name, _)) = expect("list", fs.list(latest))? {
        (count, latest) = (count + 1, name);
    }
    Ok(count)
}
