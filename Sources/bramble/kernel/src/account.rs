//! Accounts: what each domain owns, and whether the books agree with what is really there.

use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::derivation;
use crate::domain::{self, Domain};
use crate::heap::HEAP_PAGES;
use crate::identifier::DomainId;
use crate::memory::{self, TABLES};
use crate::sync::Mutex;
use crate::{frame, ipc, notification, thread};

/// What a domain owns. Objects belong to the domain that made them, whoever holds them.
#[derive(Default)]
pub struct Account {
    /// Threads, dead ones that are still to be seen included.
    pub threads: Count,
    /// Filled places of its table.
    pub capabilities: Count,
    pub endpoints: Count,
    pub notifications: Count,
    pub frames: Count,
    /// Pages of memory, those of its frames included. For the kernel's domain: without its heap
    /// and the translation tables.
    pub pages: Count,
    /// Heap blocks and locks, as its runtime has last reported them.
    pub reported: Mutex<Option<Reported>>,
}

/// What only the runtime of a domain knows.
#[derive(Clone, Copy, Debug)]
pub struct Reported {
    pub blocks: u64,
    pub locks: u64,
}

#[derive(Default)]
pub struct Count(AtomicUsize);

impl Count {
    pub fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    pub fn add(&self, more: usize) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub fn remove(&self, less: usize) {
        let before = self.0.fetch_sub(less, Ordering::Relaxed);
        assert!(before >= less, "an account is overdrawn");
    }
}

/// Where the books and the structures disagree.
#[derive(Clone, Copy, Debug)]
pub struct Imbalance {
    pub domain: DomainId,
    pub kind: &'static str,
    /// What the account says.
    pub account: usize,
    /// What is there.
    pub found: usize,
}

/// What is really there of one domain.
#[derive(Clone, Copy, Default)]
struct Stock {
    threads: usize,
    capabilities: usize,
    endpoints: usize,
    notifications: usize,
    frames: usize,
    pages: usize,
}

/// Counts everything again and compares. The first difference, if any.
pub fn check() -> Result<(), Imbalance> {
    for (id, stock) in take_stock().iter().enumerate() {
        if let Some(domain) = domain::find(DomainId(id)) {
            compare(&domain, stock)?;
        }
    }
    Ok(())
}

fn take_stock() -> Vec<Stock> {
    let domains = domain::DOMAIN_MAP.lock();
    let mut stock = alloc::vec![Stock::default(); domains.len()];
    for thread in thread::THREAD_MAP.lock().values() {
        stock[thread.domain.id.0].threads += 1;
    }
    for (id, domain) in domains.iter() {
        let table = domain.capabilities.lock();
        stock[id.0].capabilities = table.slots.iter().flatten().count();
    }
    for endpoint in ipc::ENDPOINT_MAP.lock().values() {
        stock[endpoint.owner.0].endpoints += 1;
    }
    for notification in notification::NOTIFICATION_MAP.lock().values() {
        stock[notification.owner.0].notifications += 1;
    }
    for frame in frame::FRAME_MAP.lock().values() {
        stock[frame.owner.0].frames += 1;
    }
    let mut pages = alloc::vec![0; domains.len()];
    memory::PAGES.lock().count_owned(&mut pages);
    for (stock, pages) in stock.iter_mut().zip(pages) {
        stock.pages = pages;
    }
    stock
}

/// Pages of a domain by the books.
pub fn pages(domain: &Domain) -> usize {
    let unbooked = match domain.id {
        DomainId(0) => HEAP_PAGES.load(Ordering::Relaxed) + TABLES.load(Ordering::Relaxed),
        _ => 0,
    };
    domain.account.pages.get() + unbooked
}

fn compare(domain: &Domain, stock: &Stock) -> Result<(), Imbalance> {
    let account = &domain.account;
    let pairs = [
        ("threads", account.threads.get(), stock.threads),
        ("capabilities", account.capabilities.get(), stock.capabilities),
        ("endpoints", account.endpoints.get(), stock.endpoints),
        ("notifications", account.notifications.get(), stock.notifications),
        ("frames", account.frames.get(), stock.frames),
        ("pages", pages(domain), stock.pages),
        ("links", 0, derivation::count_unsound(domain)),
    ];
    match pairs.into_iter().find(|(_, account, found)| account != found) {
        None => Ok(()),
        Some((kind, account, found)) => Err(Imbalance { domain: domain.id, kind, account, found }),
    }
}
