//! Alpha, beta and gamma, each of which asks the next one before it answers: together they cannot.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::boxed::Box;
use alloc::format;
use bramble_runtime::ipc::{Reply, Request};
use bramble_runtime::protocol::name;
use bramble_runtime::protocol::relay::{ALPHA, BETA, CONSULT, GAMMA, Relay};
use bramble_runtime::serve::{Service, serve};
use bramble_runtime::{Error, println};

struct RelayServer {
    /// The one that is asked.
    next: &'static str,
}

pub fn run_alpha() {
    run(ALPHA, BETA)
}

pub fn run_beta() {
    run(BETA, GAMMA)
}

pub fn run_gamma() {
    run(GAMMA, ALPHA)
}

fn run(own: &str, next: &'static str) {
    println!("server started");
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
