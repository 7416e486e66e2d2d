//! What this domain owns, by the kernel's books.

use crate::syscall::numbers;
use bramble_abi::{Call, Error, slot};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Dead threads that are still to be seen included.
    pub threads: u64,
    pub capabilities: u64,
    pub endpoints: u64,
    pub notifications: u64,
    pub frames: u64,
    /// Those of frames included.
    pub pages: u64,
    /// Heap blocks, as last reported.
    pub blocks: u64,
}

/// The account of this domain.
pub fn account() -> Result<Account, Error> {
    let results = numbers(Call::Account, [slot::THREAD])?;
    let [threads, capabilities, endpoints, notifications, frames, pages, blocks] = results;
    Ok(Account { threads, capabilities, endpoints, notifications, frames, pages, blocks })
}
