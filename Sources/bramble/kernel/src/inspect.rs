//! The kernel's tables for programs that may look at them: `ps`, `caps` and the like.

use core::sync::atomic::Ordering;

use bramble_abi::inspect::{NAME_SIZE, Record, Table, ThreadState, WORDS, WaitKind};
use bramble_abi::slot;

use crate::arch::timer;
use crate::capability::{Capability, Origin};
use crate::domain::{self, Domain};
use crate::frame::{self, Frame};
use crate::heap::HEAP_PAGES;
use crate::identifier::{DomainId, EndpointId, FrameId, NotificationId, Tid};
use crate::ipc::{self, Endpoint, Kind};
use crate::memory::{self, TABLES};
use crate::notification::{self, Notification};
use crate::recovery::{self, RecoveryEvent};
use crate::thread::{self, State, Thread, Wait};
use crate::{account, cpu, scenario};

/// The first object of a table whose number is at least `from`.
pub fn find(table: Table, from: u64) -> Option<Record> {
    let first = usize::try_from(from).ok()?;
    match table {
        Table::System => (first == 0).then(system),
        Table::Threads => {
            thread::THREAD_MAP.lock().range(Tid(first)..).next().map(|(_, it)| thread(it))
        }
        Table::Domains => domains(DomainId(first)).next().map(|it| self::domain(&it)),
        Table::Capabilities => find_capability(from),
        Table::Endpoints => {
            let map = ipc::ENDPOINT_MAP.lock();
            map.range(EndpointId(first)..).next().map(|(_, it)| endpoint(it))
        }
        Table::Notifications => {
            let map = notification::NOTIFICATION_MAP.lock();
            map.range(NotificationId(first)..).next().map(|(_, it)| notification(it))
        }
        Table::Frames => {
            frame::FRAME_MAP.lock().range(FrameId(first)..).next().map(|(_, it)| frame(it))
        }
        Table::Recoveries => {
            let log = recovery::RECOVERY_LOG.lock();
            log.iter().find(|event| event.sequence >= from).map(recovery)
        }
    }
}

fn system() -> Record {
    // Before PAGES is locked: the check counts pages, too.
    let balanced = account::check().is_ok();
    let (pages, free) = {
        let pages = memory::PAGES.lock();
        (pages.count, pages.free)
    };
    let heap = HEAP_PAGES.load(Ordering::Relaxed);
    let tables = TABLES.load(Ordering::Relaxed);
    let counts = [cpu::online(), pages, free, heap, tables].map(|count| count as u64);
    let [cpus, pages, free, heap, tables] = counts;
    let scenario = scenario::chosen() as u64;
    let words = [cpus, pages, free, heap, tables, timer::now(), scenario, balanced.into()];
    record(0, scenario::name(), &words)
}

fn thread(thread: &Thread) -> Record {
    let (state, wait, object) = match &*thread.state.lock() {
        State::Running => (ThreadState::Running, 0, 0),
        State::Ready => (ThreadState::Ready, 0, 0),
        State::Idle => (ThreadState::Idle, 0, 0),
        State::Dead => (ThreadState::Dead, 0, 0),
        State::Blocked(wait) => {
            let (kind, object) = waits_for(wait);
            (ThreadState::Blocked, kind as u64, object)
        }
    };
    let words = [
        state as u64,
        wait,
        object,
        thread.cpu.lock().map_or(0, |cpu| cpu as u64 + 1),
        thread.priority.into(),
        thread.domain.id.0 as u64,
        thread.space.as_ref().map_or(0, |space| space.id.0 as u64),
        thread.parent.map_or(0, |parent| parent.0 as u64),
        thread.generation.load(Ordering::Relaxed),
        thread.cpu_time.load(Ordering::Relaxed),
        thread.timeout.lock().map_or(0, |timeout| timeout.until),
    ];
    record(thread.id.0, thread.name, &words)
}

fn waits_for(wait: &Wait) -> (WaitKind, u64) {
    match wait {
        Wait::Sleep => (WaitKind::Sleep, 0),
        Wait::Send(endpoint) => (WaitKind::Send, endpoint.id.0 as u64),
        Wait::Receive(endpoint) => (WaitKind::Receive, endpoint.id.0 as u64),
        Wait::Reply { server } => (WaitKind::Reply, server.0 as u64),
        Wait::Queue(endpoint) => (WaitKind::Queue, endpoint.id.0 as u64),
        Wait::Notification(notification) => (WaitKind::Notification, notification.id.0 as u64),
        Wait::Lock(lock) => (WaitKind::Lock, lock.address),
    }
}

fn domain(domain: &Domain) -> Record {
    let account = &domain.account;
    let counts = [
        &account.threads,
        &account.capabilities,
        &account.endpoints,
        &account.notifications,
        &account.frames,
    ];
    let [threads, capabilities, endpoints, notifications, frames] =
        counts.map(|count| count.get() as u64);
    let reported = *account.reported.lock();
    let words = [
        domain.is_alive().into(),
        domain.space.as_ref().map_or(0, |space| space.id.0 as u64),
        domain.generation.load(Ordering::Relaxed),
        threads,
        capabilities,
        endpoints,
        notifications,
        frames,
        account::pages(domain) as u64,
        reported.map_or(0, |reported| reported.blocks),
        reported.map_or(0, |reported| reported.locks),
    ];
    record(domain.id.0, domain.name, &words)
}

/// Domains from one on, without keeping the map locked.
fn domains(first: DomainId) -> impl Iterator<Item = Domain> {
    (first.0..).map_while(|id| domain::find(DomainId(id)))
}

fn find_capability(from: u64) -> Option<Record> {
    let first = DomainId(usize::try_from(from >> 32).ok()?);
    for domain in domains(first) {
        let skipped = if domain.id == first { slot::place(from) } else { 0 };
        let table = domain.capabilities.lock();
        let mut slots = table.slots.iter().enumerate().skip(skipped);
        if let Some((place, capability)) = slots.find_map(|(at, it)| Some((at, it.as_ref()?))) {
            return Some(self::capability(&domain, place, capability));
        }
    }
    None
}

fn capability(holder: &Domain, place: usize, capability: &Capability) -> Record {
    let (kind, object) = capability.object.identity();
    let parent = capability.links.parent;
    let origin = parent.unwrap_or(Origin { domain: DomainId(0), slot: 0 });
    let words = [
        holder.id.0 as u64,
        place as u64,
        capability.generation.into(),
        kind as u64,
        object as u64,
        capability.rights.into(),
        capability.badge,
        parent.is_some().into(),
        origin.domain.0 as u64,
        origin.slot as u64,
    ];
    record(holder.id.0 << 32 | place, holder.name, &words)
}

fn endpoint(endpoint: &Endpoint) -> Record {
    let capacity = match endpoint.kind {
        Kind::Rendezvous => 0,
        Kind::Queue { capacity } => capacity,
    };
    let words = [
        endpoint.owner.0,
        capacity,
        endpoint.messages.lock().len(),
        endpoint.senders.lock().len(),
        endpoint.receivers.lock().len(),
        endpoint.holders.get(),
    ];
    record(endpoint.id.0, endpoint.name, &words.map(|word| word as u64))
}

fn notification(notification: &Notification) -> Record {
    let waiter = notification.waiter.lock().as_ref().map_or(0, |waiter| waiter.id.0);
    let pending = *notification.pending.lock();
    let holders = notification.holders.get() as u64;
    let words = [notification.owner.0 as u64, pending, waiter as u64, holders];
    record(notification.id.0, notification.name, &words)
}

fn frame(frame: &Frame) -> Record {
    let mappings = frame.mappings.lock().len();
    let words = [frame.owner.0, frame.pages, mappings, frame.holders.get()];
    record(frame.id.0, "", &words.map(|word| word as u64))
}

fn recovery(event: &RecoveryEvent) -> Record {
    let report = &event.report;
    let words = [
        event.domain.0 as u64,
        event.thread.0 as u64,
        report.cause as u64,
        report.outcome as u64,
        report.pc,
        event.generation,
        event.time,
        report.released_blocks.into(),
        report.released_locks.into(),
    ];
    let name = domain::find(event.domain).map_or("", |domain| domain.name);
    record(event.sequence as usize, name, &words)
}

fn record(id: usize, name: &str, words: &[u64]) -> Record {
    let mut record = Record { id: id as u64, ..Record::default() };
    let length = name.len().min(NAME_SIZE);
    record.name[..length].copy_from_slice(&name.as_bytes()[..length]);
    let count = words.len().min(WORDS);
    record.words[..count].copy_from_slice(&words[..count]);
    record
}

/// A record as EL0 sees it.
pub fn bytes_of(record: &Record) -> &[u8] {
    // SAFETY: the record consists of words and bytes without padding between them.
    unsafe { core::slice::from_raw_parts((&raw const *record).cast(), size_of::<Record>()) }
}
