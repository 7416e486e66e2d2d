//! From the lines of a manifest to domains with spaces, threads and their first capabilities.

use alloc::vec::Vec;

use bramble_abi::{Error, program, rights, slot};

use crate::arch::board;
use crate::capability::Object;
use crate::derivation;
use crate::domain::{self, Domain, Image, Isolation};
use crate::manifest::{Entry, Role};
use crate::space::{self, Space};
use crate::thread::{self, Plan, Thread};
use crate::{ipc, irq, loader};

/// A domain that lacks nothing but its thread and its capabilities. Originals are slots of the
/// kernel's domain.
struct Prepared {
    domain: Domain,
    space: Space,
    space_original: u64,
    /// `None` for a user program.
    endpoint_original: Option<u64>,
    /// Address of its first instruction.
    start: u64,
}

/// The space that all servers share.
struct Servers {
    space: Space,
    space_original: u64,
    start: u64,
}

/// Creates everything in the manifest; the threads are not started yet.
pub fn create_all(manifest: &[Entry]) -> Result<Vec<Thread>, Error> {
    let servers = load_servers()?;
    let mut prepared = Vec::with_capacity(manifest.len());
    for entry in manifest {
        prepared.push(match entry.role {
            Role::Server(kind) => prepare_server(entry.name, kind, &servers)?,
            Role::User => prepare_user(entry.name)?,
        });
    }
    // Everybody is given the name server and the log queue, so these have to exist by now.
    let original_of = |program| {
        let place = manifest.iter().position(|entry| entry.program == program)?;
        prepared[place].endpoint_original
    };
    let (name, log) = (original_of(program::NAME), original_of(program::LOG));
    let irq = hold_original(Object::Irq(irq::create(board::CONSOLE_LINE)))?;
    let mut threads = Vec::with_capacity(manifest.len());
    for (entry, domain) in manifest.iter().zip(&prepared) {
        let thread = create_thread(entry, domain)?;
        fill_slots(domain, &thread, name, log)?;
        give_console(entry.program, &domain.domain, irq)?;
        give_kernel(entry.program, &domain.domain)?;
        threads.push(thread);
    }
    Ok(threads)
}

fn load_servers() -> Result<Servers, Error> {
    let space = space::create()?;
    let start = loader::load(Image::Servers, &space, &domain::kernel())?;
    let space_original = hold_original(Object::Space(space.clone()))?;
    Ok(Servers { space, space_original, start })
}

fn prepare_server(
    name: &'static str,
    kind: ipc::Kind,
    servers: &Servers,
) -> Result<Prepared, Error> {
    let space = servers.space.clone();
    let domain = domain::create(name, Isolation::Language, Image::Servers, space.clone());
    let endpoint = Object::Endpoint(ipc::create(name, kind, &domain));
    Ok(Prepared {
        domain,
        space,
        space_original: servers.space_original,
        endpoint_original: Some(hold_original(endpoint)?),
        start: servers.start,
    })
}

fn prepare_user(name: &'static str) -> Result<Prepared, Error> {
    let space = space::create()?;
    let domain = domain::create(name, Isolation::Hardware, Image::User, space.clone());
    let start = loader::load(Image::User, &space, &domain)?;
    *space.owner.lock() = Some(domain.id);
    let space_original = hold_original(Object::Space(space.clone()))?;
    Ok(Prepared { domain, space, space_original, endpoint_original: None, start })
}

fn create_thread(entry: &Entry, prepared: &Prepared) -> Result<Thread, Error> {
    Ok(thread::create(Plan {
        name: entry.name,
        domain: prepared.domain.clone(),
        space: prepared.space.clone(),
        priority: entry.priority(),
        stack: prepared.space.add_stack(&prepared.domain)?,
        entry: prepared.start,
        arguments: [entry.program, entry.instance],
        parent: None,
    }))
}

/// Gives a domain what `abi::slot` promises. `name` and `log` are originals.
fn fill_slots(
    prepared: &Prepared,
    thread: &Thread,
    name: Option<u64>,
    log: Option<u64>,
) -> Result<(), Error> {
    let domain = &prepared.domain;
    let thread_original = hold_original(Object::Thread(thread.clone()))?;
    let own = prepared.endpoint_original;
    let unless_own = |original: Option<u64>| original.filter(|_| original != own);
    let pass_on = rights::SEND | rights::GRANT;
    let badge = domain.id.0 as u64;
    give(domain, slot::OWN, own, rights::ALL, 0)?;
    give(domain, slot::NAME, unless_own(name), pass_on, badge)?;
    give(domain, slot::LOG, unless_own(log), rights::SEND, badge)?;
    give(domain, slot::SPACE, Some(prepared.space_original), rights::CONTROL, 0)?;
    give(domain, slot::THREAD, Some(thread_original), rights::CONTROL, 0)
}

/// Everybody writes lines to the console. Its server reads it, too, hears of what arrives, and
/// controls the line that is being typed.
fn give_console(program: u64, domain: &Domain, irq: u64) -> Result<(), Error> {
    if program != program::CONSOLE {
        return give(domain, slot::CONSOLE, Some(slot::CONSOLE), rights::SEND, 0);
    }
    let all = rights::SEND | rights::RECEIVE | rights::CONTROL;
    give(domain, slot::CONSOLE, Some(slot::CONSOLE), all, 0)?;
    give(domain, slot::IRQ, Some(irq), rights::CONTROL, 0)
}

/// Who may look into the kernel's tables.
fn give_kernel(program: u64, domain: &Domain) -> Result<(), Error> {
    match program {
        program::SHELL | program::MEMORY | program::TESTER => {
            give(domain, slot::KERNEL, Some(slot::KERNEL), rights::RECEIVE, 0)
        }
        _ => Ok(()),
    }
}

/// The kernel holds what all others are given a part of.
fn hold_original(object: Object) -> Result<u64, Error> {
    derivation::hold(&domain::kernel(), object)
}

/// Derives an original into a fixed slot of a new domain; leaves the slot empty without one.
fn give(to: &Domain, slot: u64, from: Option<u64>, mask: u8, badge: u64) -> Result<(), Error> {
    let Some(from) = from else { return Ok(()) };
    derivation::derive_at((&domain::kernel(), from), mask, badge, (to, slot::place(slot)))?;
    Ok(())
}
