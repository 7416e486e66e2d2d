//! The image of the user programs, which each of them has in a space of its own.
#![no_std]
#![forbid(unsafe_code)]

use bramble_runtime::{println, program, program_number};
use clients::{loader, reader, ticker, worker, writer};
use trials::{borrower, guest, lender, patron, prober, starter, storm, tester, victim, waiter};

fn main() {
    match program_number() {
        program::READER => reader::run(),
        program::WRITER => writer::run(),
        program::LOADER => loader::run(),
        program::TICKER => ticker::run(),
        program::WORKER => worker::run(),
        program::TESTER => tester::run(),
        program::STARTER => starter::run(),
        program::WAITER => waiter::run(),
        program::VICTIM => victim::run(),
        program::PATRON => patron::run(),
        program::GUEST => guest::run(),
        program::STORM => storm::run(),
        program::PROBER => prober::run(),
        program::SHELL => shell::run(),
        program::LENDER => lender::run(),
        program::BORROWER => borrower::run(),
        number => println!("program {number} is not in this image"),
    }
}
