//! Programs that bring about what a scenario is to show.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod authority;
pub mod borrower;
mod expect;
mod files;
pub mod guest;
pub mod lender;
mod objects;
pub mod patron;
pub mod prober;
mod sharing;
pub mod starter;
pub mod storm;
pub mod tester;
pub mod victim;
pub mod waiter;
mod waits;
