//! The servers: one image in one address space, each a domain of its own. What isolates them is
//! the language, hence no unsafe code.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod clock;
mod disk;
mod fs;
mod log;
mod name;
mod relay;

use bramble_runtime::{println, program, program_number};

fn main() {
    match program_number() {
        program::NAME => name::run(),
        program::FS => fs::run(),
        program::DISK => disk::run(),
        program::CLOCK => clock::run(),
        program::LOG => log::run(),
        program::ALPHA => relay::run_alpha(),
        program::BETA => relay::run_beta(),
        program::GAMMA => relay::run_gamma(),
        number => println!("program {number} is not in this image"),
    }
}
