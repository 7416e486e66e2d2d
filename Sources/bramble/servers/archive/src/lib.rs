//! The archive: two threads and one lock. The assistant takes the lock and never gives it back; the
//! server loses patience and stops it where it is, without unwinding. The lock stays with the dead.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::vec::Vec;
use bramble_runtime::ipc::{Reply, Request};
use bramble_runtime::protocol::archive::{COUNT, NAME};
use bramble_runtime::protocol::name;
use bramble_runtime::serve::{Service, serve};
use bramble_runtime::{Error, Mutex, println, sleep, spawn};

static DOCUMENTS: Mutex<Vec<u64>> = Mutex::new(Vec::new());

struct Archive;

pub fn run() {
    println!("server started");
    if let Err(error) = employ_assistant() {
        println!("no assistant: {error:?}");
    }
    if let Err(error) = name::register(NAME) {
        println!("not registered: {error:?}");
    }
    serve(&Archive)
}

fn employ_assistant() -> Result<(), Error> {
    let assistant = spawn(sort_documents, 0)?;
    sleep(50);
    println!("the assistant takes too long and is stopped");
    assistant.stop()
}

/// What the assistant does, for ever, with the documents locked.
fn sort_documents(_: u64) {
    let mut documents = DOCUMENTS.lock();
    loop {
        documents.sort_unstable();
        sleep(10);
    }
}

impl Service for Archive {
    fn serve(&self, request: &Request) -> Result<Reply, Error> {
        match request.message.label {
            COUNT => count_documents(),
            _ => Err(Error::InvalidArgument),
        }
    }
}

fn count_documents() -> Result<Reply, Error> {
    let documents = DOCUMENTS.lock();
    Ok(Reply::new([documents.len() as u64, 0, 0]))
}
