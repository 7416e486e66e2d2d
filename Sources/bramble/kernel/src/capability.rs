//! Capabilities: the authority to do something with an object, and where it came from.

use alloc::vec::Vec;

use bramble_abi::{Error, rights, slot};

use crate::domain::{self, Domain};
use crate::identifier::DomainId;
use crate::ipc::Endpoint;
use crate::space::Space;
use crate::thread::Thread;
use crate::wait;

/// Slots of a domain's table.
const SLOTS: usize = 64;

#[derive(Clone)]
pub struct Capability {
    pub object: Object,
    /// A mask of `abi::rights`.
    pub rights: u8,
    /// Tells a server through which capability it was called; 0 = none.
    pub badge: u64,
    /// What it was derived from; `None` for an original.
    pub parent: Option<Origin>,
    /// How often its slot had been filled before.
    pub generation: u64,
}

#[derive(Clone)]
pub enum Object {
    Thread(Thread),
    Endpoint(Endpoint),
    Space(Space),
    Console,
}

/// A slot of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    pub domain: DomainId,
    pub slot: usize,
}

#[derive(Default)]
pub struct CapabilityTable {
    pub slots: Vec<Option<Capability>>,
    /// For each slot, how often it has been filled.
    fills: Vec<u64>,
}

impl Capability {
    pub fn original(object: Object) -> Self {
        Self { object, rights: rights::ALL, badge: 0, parent: None, generation: 0 }
    }

    pub fn require(self, rights: u8) -> Result<Self, Error> {
        if self.rights & rights == rights { Ok(self) } else { Err(Error::MissingRights) }
    }

    pub fn endpoint(self) -> Result<(Endpoint, u64), Error> {
        match self.object {
            Object::Endpoint(endpoint) => Ok((endpoint, self.badge)),
            _ => Err(Error::WrongObject),
        }
    }
}

impl CapabilityTable {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn get(&self, slot: u64) -> Result<Capability, Error> {
        usize::try_from(slot)
            .ok()
            .and_then(|slot| self.slots.get(slot)?.clone())
            .ok_or(Error::InvalidSlot)
    }

    /// Puts a capability into the first free slot; the slots that have a meaning are never reused.
    pub fn insert(&mut self, capability: Capability) -> Result<usize, Error> {
        const FIRST: usize = slot::FREE as usize;
        let free = |slot: &usize| self.slots.get(*slot).is_none_or(Option::is_none);
        let slot = (FIRST..SLOTS).find(free).ok_or(Error::TableFull)?;
        self.put(slot, capability)?;
        Ok(slot)
    }

    /// Puts a capability into a slot that is free.
    pub fn put(&mut self, slot: usize, mut capability: Capability) -> Result<(), Error> {
        if slot >= SLOTS {
            return Err(Error::TableFull);
        }
        while self.slots.len() <= slot {
            self.slots.push(None);
            self.fills.push(0);
        }
        assert!(self.slots[slot].is_none());
        capability.generation = self.fills[slot];
        self.fills[slot] += 1;
        self.slots[slot] = Some(capability);
        Ok(())
    }
}

/// A copy of the capability in `slot` of `holder` with `mask`ed rights: the copy knows its origin
/// and falls with it. A badge that is set stays; only a capability without one can be given one.
pub fn derive(holder: &Domain, slot: u64, mask: u8, badge: u64) -> Result<Capability, Error> {
    let source = holder.capabilities.lock().get(slot)?.require(rights::GRANT)?;
    if badge != 0 && source.badge != 0 && badge != source.badge {
        return Err(Error::InvalidArgument);
    }
    Ok(Capability {
        rights: source.rights & mask,
        badge: if badge == 0 { source.badge } else { badge },
        parent: Some(Origin { domain: holder.id, slot: slot as usize }),
        ..source
    })
}

/// Removes everything derived from a slot, however far it has travelled; how many.
pub fn revoke(origin: Origin) -> u64 {
    let mut removed = Vec::new();
    let mut roots = alloc::vec![origin];
    while let Some(root) = roots.pop() {
        for (slot, child) in children(root) {
            removed.extend(child.capabilities.lock().slots[slot].take());
            roots.push(Origin { domain: child.id, slot });
        }
    }
    let count = removed.len() as u64;
    wait::revalidate(removed.into_iter().map(|capability| capability.object));
    count
}

/// Empties one slot. What was derived from it is now derived from its parent.
pub fn delete(domain: &Domain, slot: u64) -> Result<(), Error> {
    let capability = domain.capabilities.lock().get(slot)?;
    let slot = slot as usize;
    for (child_slot, child) in children(Origin { domain: domain.id, slot }) {
        if let Some(derived) = &mut child.capabilities.lock().slots[child_slot] {
            derived.parent = capability.parent;
        }
    }
    domain.capabilities.lock().slots[slot] = None;
    wait::revalidate([capability.object].into_iter());
    Ok(())
}

fn children(origin: Origin) -> Vec<(usize, Domain)> {
    let mut found = Vec::new();
    for domain in domain::DOMAIN_MAP.lock().values() {
        for (slot, entry) in domain.capabilities.lock().slots.iter().enumerate() {
            if entry.as_ref().is_some_and(|capability| capability.parent == Some(origin)) {
                found.push((slot, domain.clone()));
            }
        }
    }
    found
}
