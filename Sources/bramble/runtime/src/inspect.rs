//! A look at the kernel's tables, for programs that hold its capability.

use crate::syscall::invoke;
use bramble_abi::{Call, Error, slot};

pub use bramble_abi::inspect::{Record, Table, ThreadState, WaitKind};

/// The records of a table, in the order of their numbers; ends with the first error.
pub fn records(table: Table) -> impl Iterator<Item = Result<Record, Error>> {
    let mut next = Some(0);
    core::iter::from_fn(move || {
        let found = inspect(table, next?).transpose();
        next = match &found {
            Some(Ok(record)) => record.id.checked_add(1),
            _ => None,
        };
        found
    })
}

/// The first record of a table whose number is at least `from`.
pub fn inspect(table: Table, from: u64) -> Result<Option<Record>, Error> {
    let mut record = Record::default();
    let address = (&raw mut record) as u64;
    let arguments = [slot::KERNEL, table as u64, from, address, 0, 0, 0, 0];
    // SAFETY: the kernel writes one record there, and not after the call.
    let results = unsafe { invoke(Call::Inspect, arguments) }?;
    Ok((results[0] != 0).then_some(record))
}

/// The name in a record.
pub fn name(record: &Record) -> &str {
    let length = record.name.iter().position(|&byte| byte == 0).unwrap_or(record.name.len());
    core::str::from_utf8(&record.name[..length]).unwrap_or("?")
}
