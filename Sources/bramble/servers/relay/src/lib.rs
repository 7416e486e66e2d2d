//! Servers that ask the next one before they answer: alpha, beta and gamma in a circle of three,
//! delta and epsilon in a circle of two. Together they cannot answer.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::boxed::Box;
use alloc::format;
use bramble_runtime::ipc::{Reply, Request};
use bramble_runtime::protocol::name;
use bramble_runtime::protocol::relay::{ALPHA, BETA, CONSULT, DELTA, EPSILON, GAMMA, Relay};
use bramble_runtime::serve::{Service, serve};
use bramble_runtime::{Error, println, program, program_number};

struct RelayServer {
    /// The one that is asked.
    next: &'static str,
}

pub fn run() {
    println!("server started");
    let (own, next) = match program_number() {
        program::ALPHA => (ALPHA, BETA),
        program::BETA => (BETA, GAMMA),
        program::GAMMA => (GAMMA, ALPHA),
        program::DELTA => (DELTA, EPSILON),
        _ => (EPSILON, DELTA),
    };
    if let Err(error) = name::register(own) {
        println!("not registered: {error:?}");
    }
    serve(&RelayServer { next })
}

impl Service for RelayServer {
    fn serve(&self, request: &Request) -> Result<Reply, Error> {
        match request.message.label {
            CONSULT => consult_next(self.next, request.message.words[0]),
            _ => Err(Error::InvalidArgument),
        }
    }
}

fn consult_next(next: &str, asked: u64) -> Result<Reply, Error> {
    let question = Box::new(asked + 1);
    let line = format!("asking {next}, {question} asked so far");
    println!("{line}");
    let answer = Relay::find(next).consult(*question)?;
    Ok(Reply::new([answer, 0, 0]))
}
