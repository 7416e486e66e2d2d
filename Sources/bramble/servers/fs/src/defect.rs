//! Where the file server breaks when it is told to: in the middle of work, with the files locked
//! and memory in hand in every function on the way.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use bramble_runtime::ipc::Reply;
use bramble_runtime::protocol::fs::Defect;
use bramble_runtime::serve::Restart;
use bramble_runtime::{Error, Mutex, fault};
use core::hint::black_box;

use crate::VOLUME;

/// Makes the first attempt at a transient defect fail.
static BUSY: Mutex<bool> = Mutex::new(true);

pub fn reset(restart: &Restart) {
    BUSY.reset(true, restart);
}

pub fn rebuild_index(defect: Defect) -> Result<Reply, Error> {
    let volume = VOLUME.lock();
    let names: Vec<String> = volume.names().map(|name| name.to_string()).collect();
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
