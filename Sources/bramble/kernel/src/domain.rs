//! Domains: who holds authority. A server is a domain, and so is a user program.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Deref;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bramble_abi::slot;

use crate::account::{Account, Count};
use crate::capability::{Capability, CapabilityTable, Object};
use crate::console::Line;
use crate::derivation;
use crate::identifier::{DomainId, Tid};
use crate::space::Space;
use crate::sync::Mutex;

pub static DOMAIN_MAP: Mutex<BTreeMap<DomainId, Domain>> = Mutex::new(BTreeMap::new());

#[derive(Clone)]
pub struct Domain(Arc<DomainBlock>);

pub struct DomainBlock {
    pub id: DomainId,
    pub name: &'static str,
    pub isolation: Isolation,
    pub image: Image,
    /// `None` for the kernel's own domain.
    pub space: Option<Space>,
    pub alive: AtomicBool,
    /// How many recoveries its threads have reported.
    pub generation: AtomicU64,
    /// Its threads in order of creation, dead ones that are remembered included.
    pub threads: Mutex<Vec<Tid>>,
    /// Those that are not dead.
    pub living: Count,
    pub capabilities: Mutex<CapabilityTable>,
    /// What it owns.
    pub account: Account,
    /// What it has written of its current console line.
    pub line: Mutex<Line>,
}

/// What keeps a domain from the memory of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// The kernel's own domain.
    None,
    /// Safe Rust, in a space shared with other servers.
    Language,
    /// A space of its own.
    Hardware,
}

/// The ELF file its code comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Image {
    Bramble,
    Servers,
    User,
}

impl Deref for Domain {
    type Target = DomainBlock;

    fn deref(&self) -> &DomainBlock {
        &self.0
    }
}

/// Domain 0 holds the capabilities that all others are derived from.
pub fn create_kernel_domain() {
    let domain = insert("bramble", Isolation::None, Image::Bramble, None);
    assert!(domain.id == DomainId(0));
    for (number, object) in [(slot::CONSOLE, Object::Console), (slot::KERNEL, Object::Kernel)] {
        let original = Capability::original(object);
        derivation::fill((&domain, slot::place(number)), original).expect("an empty table");
    }
}

pub fn create(name: &'static str, isolation: Isolation, image: Image, space: Space) -> Domain {
    insert(name, isolation, image, Some(space))
}

fn insert(name: &'static str, isolation: Isolation, image: Image, space: Option<Space>) -> Domain {
    let mut map = DOMAIN_MAP.lock();
    let id = DomainId(map.len());
    let domain = Domain(Arc::new(DomainBlock {
        id,
        name,
        isolation,
        image,
        space,
        alive: AtomicBool::new(true),
        generation: AtomicU64::new(0),
        threads: Mutex::new(Vec::new()),
        living: Count::default(),
        capabilities: Mutex::new(CapabilityTable::new()),
        account: Account::default(),
        line: Mutex::new(Line::default()),
    }));
    map.insert(id, domain.clone());
    domain
}

pub fn kernel() -> Domain {
    find(DomainId(0)).expect("the kernel's domain is created first")
}

pub fn find(id: DomainId) -> Option<Domain> {
    DOMAIN_MAP.lock().get(&id).cloned()
}

impl DomainBlock {
    pub fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Relaxed)
    }
}
