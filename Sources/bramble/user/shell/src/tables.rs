//! Commands that look into the kernel's tables.

use crate::command::{Failure, expect_none};
use alloc::format;
use alloc::string::String;
use bramble_runtime::inspect::{self, Record, Table, ThreadState, WaitKind, records};
use bramble_runtime::protocol::memory::Memory;
use bramble_runtime::{Cause, Mutex, ObjectKind, Outcome, answer, rights};

/// Rows that one command prints at most: a table may have thousands.
const MOST_ROWS: usize = 200;

/// `ps`: threads.
pub fn threads(arguments: &[&str]) -> Result<(), Failure> {
    expect_none(arguments)?;
    answer!("  id name             domain priority state");
    let count = print_rows(Table::Threads, |thread| {
        let [state, wait, object, cpu, priority, domain, ..] = thread.words;
        let state = describe_state(state, wait, object, cpu);
        let name = inspect::name(thread);
        Some(format!("{:>4} {name:<16} {domain:>6} {priority:>8} {state}", thread.id))
    })?;
    answer!("{count} threads");
    Ok(())
}

fn describe_state(state: u64, wait: u64, object: u64, cpu: u64) -> String {
    match ThreadState::from_number(state) {
        Some(ThreadState::Blocked) => match WaitKind::from_number(wait) {
            Some(WaitKind::Sleep) => String::from("asleep"),
            Some(WaitKind::Send) => format!("calls endpoint {object}"),
            Some(WaitKind::Receive) => format!("serves endpoint {object}"),
            Some(WaitKind::Reply) => format!("waits for thread {object}"),
            Some(WaitKind::Queue) => format!("drains queue {object}"),
            Some(WaitKind::Notification) => format!("waits for notification {object}"),
            Some(WaitKind::Lock) => format!("waits for the lock at {object:#x}"),
            None => String::from("blocked"),
        },
        Some(ThreadState::Running) => format!("runs on cpu {}", cpu.saturating_sub(1)),
        Some(state) => format!("{state:?}").to_ascii_lowercase(),
        None => String::from("?"),
    }
}

/// `caps`: who has how many capabilities, or those of one domain.
pub fn capabilities(arguments: &[&str]) -> Result<(), Failure> {
    match arguments {
        [] => print_domains(),
        [domain] => print_capabilities(find_domain(domain)?),
        _ => Err(Failure::Usage),
    }
}

fn print_domains() -> Result<(), Failure> {
    answer!("  id name             capabilities pages state");
    print_rows(Table::Domains, |domain| {
        let [alive, _, _, _, capabilities, _, _, _, pages, ..] = domain.words;
        let state = if alive == 1 { "running" } else { "dead" };
        let (id, name) = (domain.id, inspect::name(domain));
        Some(format!("{id:>4} {name:<16} {capabilities:>12} {pages:>5} {state}"))
    })?;
    Ok(())
}

fn print_capabilities(domain: u64) -> Result<(), Failure> {
    answer!("slot generation object            rights badge derived from");
    let count = print_rows(Table::Capabilities, |capability| {
        let [holder, place, generation, kind, object, mask, badge, derived, from, slot, ..] =
            capability.words;
        if holder != domain {
            return None;
        }
        let kind =
            ObjectKind::from_number(kind).map_or(String::from("?"), |kind| format!("{kind:?}"));
        let object = format!("{}:{object}", kind.to_ascii_lowercase());
        let origin = if derived == 1 { format!("{from}:{slot}") } else { String::from("-") };
        let rights = describe_rights(mask);
        Some(format!("{place:>4} {generation:>10} {object:<17} {rights:<6} {badge:>5} {origin}"))
    })?;
    answer!("{count} capabilities");
    Ok(())
}

fn describe_rights(mask: u64) -> String {
    let known = [rights::SEND, rights::RECEIVE, rights::GRANT, rights::CONTROL];
    let letters = known.iter().zip("srgc".chars());
    letters
        .map(|(&right, letter)| if mask & u64::from(right) == 0 { '-' } else { letter })
        .collect()
}

/// By number or name.
fn find_domain(text: &str) -> Result<u64, Failure> {
    for domain in records(Table::Domains) {
        let domain = domain?;
        if inspect::name(&domain) == text || text.parse() == Ok(domain.id) {
            return Ok(domain.id);
        }
    }
    Err(Failure::Said(format!("there is no domain {text}")))
}

/// `recoveries`: what the kernel's log still holds.
pub fn recoveries(arguments: &[&str]) -> Result<(), Failure> {
    expect_none(arguments)?;
    let count = print_rows(Table::Recoveries, |event| {
        let [domain, thread, cause, outcome, pc, _, _, blocks, locks, ..] = event.words;
        let cause = Cause::from_number(cause as u32)?;
        let outcome = Outcome::from_number(outcome as u32)?;
        Some(format!(
            "{:>4} domain {domain} thread {thread}: {cause:?} at {pc:#x}, {outcome:?}; unwinding \
             released {blocks} blocks, {locks} locks",
            event.id
        ))
    })?;
    answer!("{count} recoveries");
    Ok(())
}

/// Asked for once, as the file server is.
static MEMORY: Mutex<Option<Memory>> = Mutex::new(None);

/// `mem`: the kernel's books, and what the memory server has given out.
pub fn memory(arguments: &[&str]) -> Result<(), Failure> {
    expect_none(arguments)?;
    print_rows(Table::System, |system| {
        let [_, pages, free, heap, tables, _, _, balanced, ..] = system.words;
        let books = if balanced == 1 { "balanced" } else { "not balanced" };
        Some(format!(
            "{free} of {pages} pages are free, {heap} are the kernel's heap, {tables} tables; \
             the books are {books}"
        ))
    })?;
    let mut server = MEMORY.lock();
    if server.is_none() {
        *server = Memory::find_now();
    }
    if let Some(server) = *server {
        let [.., all] = server.status()?;
        answer!("the memory server has given out {all} pages");
    }
    Ok(())
}

/// Prints what `row` makes of the records of a table; how many there are.
fn print_rows(table: Table, row: impl Fn(&Record) -> Option<String>) -> Result<usize, Failure> {
    let mut count = 0;
    for record in records(table) {
        let Some(text) = row(&record?) else { continue };
        if count < MOST_ROWS {
            answer!("{text}");
        }
        count += 1;
    }
    if count > MOST_ROWS {
        answer!("... {} more", count - MOST_ROWS);
    }
    Ok(count)
}
