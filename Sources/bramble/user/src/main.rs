//! User programs: one image, which each of them has in a space of its own.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod authority;
mod loader;
mod reader;
mod starter;
mod tester;
mod ticker;
mod victim;
mod waiter;
mod worker;
mod writer;

use bramble_runtime::{println, program, program_number};

fn main() {
    match program_number() {
        program::READER => reader::run(),
        program::WRITER => writer::run(),
        program::LOADER => loader::run(),
        program::TICKER => ticker::run(),
        program::TESTER => tester::run(),
        program::STARTER => starter::run(),
        program::WAITER => waiter::run(),
        program::VICTIM => victim::run(),
        program::WORKER => worker::run(),
        number => println!("program {number} is not in this image"),
    }
}
