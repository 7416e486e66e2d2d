//! Programs that keep the servers busy, whatever the scenario.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod loader;
pub mod reader;
pub mod ticker;
pub mod worker;
pub mod writer;
