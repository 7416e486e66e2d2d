//! The image of all servers: one address space, in which each of them is a domain of its own. What
//! isolates them is the language: no unsafe code, and no crate that knows another one's.
#![no_std]
#![forbid(unsafe_code)]

use bramble_runtime::{println, program, program_number};

fn main() {
    match program_number() {
        program::NAME => name_server::run(),
        program::FS => fs_server::run(),
        program::DISK => disk_server::run(),
        program::CLOCK => clock_server::run(),
        program::LOG => log_server::run(),
        program::ALPHA => relay_server::run_alpha(),
        program::BETA => relay_server::run_beta(),
        program::GAMMA => relay_server::run_gamma(),
        number => println!("program {number} is not in this image"),
    }
}
