//! The file server.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use bramble_runtime::ipc::{Reply, Request};
use bramble_runtime::protocol::fs::{BREAK, Defect, NAME, READ, WRITE};
use bramble_runtime::protocol::{Word, log, name};
use bramble_runtime::serve::{Service, serve};
use bramble_runtime::{Error, Mutex, fault, println};
use core::hint::black_box;

/// Files do not grow beyond this; they begin again.
const FILE_LIMIT: usize = 256;

struct File {
    bytes: Vec<u8>,
    writes: u64,
}

static FILES: Mutex<BTreeMap<Word, File>> = Mutex::new(BTreeMap::new());

/// Makes the first attempt at a transient defect fail.
static BUSY: Mutex<bool> = Mutex::new(true);

struct FileServer;

pub fn run() {
    println!("server started");
    create_file("motd", "Brambles grow back wherever they are cut.");
    if let Err(error) = name::register(NAME) {
        println!("not registered: {error:?}");
    }
    serve(&FileServer)
}

impl Service for FileServer {
    fn serve(&self, request: &Request) -> Result<Reply, Error> {
        let [first, second, _] = request.message.words;
        match request.message.label {
            READ => read_file(Word(first), second),
            WRITE => append_file(Word(first), second.to_le_bytes()),
            BREAK => rebuild_index(Defect::from_number(first).ok_or(Error::InvalidArgument)?),
            _ => Err(Error::InvalidArgument),
        }
    }

    /// Reading twice is reading; appending twice is not appending once.
    fn is_repeatable(&self, request: &Request) -> bool {
        match request.message.label {
            READ => true,
            BREAK => matches!(
                Defect::from_number(request.message.words[0]),
                Some(Defect::Transient | Defect::Permanent)
            ),
            _ => false,
        }
    }
}

fn create_file(name: &str, text: &str) {
    let file = File { bytes: text.as_bytes().to_vec(), writes: 0 };
    FILES.lock().insert(Word::new(name), file);
}

fn read_file(name: Word, offset: u64) -> Result<Reply, Error> {
    let files = FILES.lock();
    let file = files.get(&name).ok_or(Error::InvalidArgument)?;
    let offset = usize::try_from(offset).map_err(|_| Error::InvalidArgument)?;
    let rest = file.bytes.get(offset..).unwrap_or(&[]);
    let piece: Vec<u8> = rest.iter().copied().take(16).collect();
    let mut words = [0u8; 16];
    words[..piece.len()].copy_from_slice(&piece);
    let value = u128::from_le_bytes(words);
    Ok(Reply::new([piece.len() as u64, value as u64, (value >> 64) as u64]))
}

fn append_file(name: Word, bytes: [u8; 8]) -> Result<Reply, Error> {
    let mut files = FILES.lock();
    let file = files.entry(name).or_insert_with(|| File { bytes: Vec::new(), writes: 0 });
    if file.bytes.len() + bytes.len() > FILE_LIMIT {
        file.bytes.clear();
    }
    file.bytes.extend_from_slice(&bytes);
    file.writes += 1;
    log::note("append", file.writes);
    Ok(Reply::new([file.bytes.len() as u64, file.writes, 0]))
}

/// Where the file server breaks: in the middle of work, with the files locked and memory in hand
/// in every function on the way.
fn rebuild_index(defect: Defect) -> Result<Reply, Error> {
    let files = FILES.lock();
    let names: Vec<String> = files.keys().map(|name| name.to_string()).collect();
    let byte_count = write_index(&names, defect);
    Ok(Reply::new([names.len() as u64, byte_count as u64, 0]))
}

fn write_index(names: &[String], defect: Defect) -> usize {
    let mut index = Box::new(String::new());
    for name in names {
        write_entry(&mut index, name, defect);
    }
    index.len()
}

fn write_entry(index: &mut String, name: &str, defect: Defect) {
    let entry = format!("{name} {}\n", index.len());
    fail_as_told(defect);
    index.push_str(&entry);
}

fn fail_as_told(defect: Defect) {
    match defect {
        Defect::Panic => panic!("index is damaged"),
        Defect::DataAbort => drop(fault::data_abort()),
        Defect::Undefined => fault::undefined(),
        Defect::WildJump => fault::wild_jump(),
        Defect::StackOverflow => drop(count_for_ever(0)),
        Defect::Transient => {
            let busy = core::mem::replace(&mut *BUSY.lock(), false);
            assert!(!busy, "index is busy");
        }
        Defect::Permanent => panic!("index is lost"),
    }
}

/// No unsafe code is needed to run out of stack.
fn count_for_ever(number: u64) -> u64 {
    match number.checked_add(1) {
        Some(next) => count_for_ever(black_box(next)) ^ number,
        None => 0,
    }
}
