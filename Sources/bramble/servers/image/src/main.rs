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
        program::ALPHA | program::BETA | program::GAMMA | program::DELTA | program::EPSILON => {
            relay_server::run()
        }
        program::CONSOLE => console_server::run(),
        program::MEMORY => memory_server::run(),
        program::ARCHIVE => archive_server::run(),
        program::PANTRY => pantry_server::run(),
        program::BROKER => broker_server::run(),
        number => println!("program {number} is not in this image"),
    }
}
