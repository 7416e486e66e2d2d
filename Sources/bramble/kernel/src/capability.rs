//! Capabilities: the authority to do something with an object.

use alloc::vec::Vec;

use bramble_abi::{Error, ObjectKind, limit, rights, slot};

use crate::account::Count;
use crate::frame::Frame;
use crate::identifier::DomainId;
use crate::ipc::Endpoint;
use crate::irq::Irq;
use crate::notification::Notification;
use crate::space::Space;
use crate::thread::Thread;
use crate::{memory, wait};

#[derive(Clone)]
pub struct Capability {
    pub object: Object,
    /// A mask of `abi::rights`.
    pub rights: u8,
    /// Tells a server through which capability it was called; 0 = none.
    pub badge: u64,
    /// How often its place had been filled before.
    pub generation: u32,
    /// What it was derived from, and what was derived from it.
    pub links: Links,
}

/// A node of the derivation tree. The children of a capability are a list through their siblings.
#[derive(Clone, Copy, Default)]
pub struct Links {
    /// `None` for an original.
    pub parent: Option<Origin>,
    pub first_child: Option<Origin>,
    pub next_sibling: Option<Origin>,
    pub previous_sibling: Option<Origin>,
}

#[derive(Clone)]
pub enum Object {
    Thread(Thread),
    Endpoint(Endpoint),
    Notification(Notification),
    Frame(Frame),
    Space(Space),
    Irq(Irq),
    Console,
    /// The kernel's own tables.
    Kernel,
}

/// A place in the table of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    pub domain: DomainId,
    pub slot: usize,
}

/// What a domain may do.
#[derive(Default)]
pub struct CapabilityTable {
    pub slots: Vec<Option<Capability>>,
    /// For each place, how often it has been filled.
    fills: Vec<u32>,
    /// No place from `slot::FREE` to this one is free.
    first_free: usize,
}

impl Capability {
    pub fn original(object: Object) -> Self {
        Self { object, rights: rights::ALL, badge: 0, generation: 0, links: Links::default() }
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

    pub fn thread(self) -> Result<Thread, Error> {
        match self.object {
            Object::Thread(thread) => Ok(thread),
            _ => Err(Error::WrongObject),
        }
    }

    pub fn notification(self) -> Result<(Notification, u64), Error> {
        match self.object {
            Object::Notification(notification) => Ok((notification, self.badge)),
            _ => Err(Error::WrongObject),
        }
    }

    pub fn irq(self) -> Result<Irq, Error> {
        match self.object {
            Object::Irq(irq) => Ok(irq),
            _ => Err(Error::WrongObject),
        }
    }

    pub fn frame(self) -> Result<Frame, Error> {
        match self.object {
            Object::Frame(frame) => Ok(frame),
            _ => Err(Error::WrongObject),
        }
    }

    pub fn space(self) -> Result<Space, Error> {
        match self.object {
            Object::Space(space) => Ok(space),
            _ => Err(Error::WrongObject),
        }
    }
}

impl Object {
    /// Kind and number.
    pub fn identity(&self) -> (ObjectKind, usize) {
        match self {
            Object::Thread(thread) => (ObjectKind::Thread, thread.id.0),
            Object::Endpoint(endpoint) => (ObjectKind::Endpoint, endpoint.id.0),
            Object::Notification(notification) => (ObjectKind::Notification, notification.id.0),
            Object::Frame(frame) => (ObjectKind::Frame, frame.id.0),
            Object::Space(space) => (ObjectKind::Space, space.id.0),
            Object::Irq(irq) => (ObjectKind::Irq, irq.id.0),
            Object::Console => (ObjectKind::Console, 0),
            Object::Kernel => (ObjectKind::Kernel, 0),
        }
    }
}

/// Objects that end with their last capability are told of each.
impl Object {
    fn holders(&self) -> Option<&Count> {
        match self {
            Object::Endpoint(endpoint) => Some(&endpoint.holders),
            Object::Notification(notification) => Some(&notification.holders),
            Object::Frame(frame) => Some(&frame.holders),
            _ => None,
        }
    }

    /// A capability for it has been made.
    pub fn held(&self) {
        if let Some(holders) = self.holders() {
            holders.add(1);
        }
    }

    /// The capability at this place has gone.
    pub fn released(&self, place: Origin) {
        if let Some(holders) = self.holders() {
            holders.remove(1);
        }
        if let Object::Frame(frame) = self {
            frame.unmap_all_through(place);
        }
    }

    /// A capability has got another place in the same domain.
    pub fn moved(&self, old: Origin, new: Origin) {
        if let Object::Frame(frame) = self {
            frame.moved(old, new);
        }
    }

    /// After capabilities have gone: who waited through them does not wait any more, and an object
    /// that nobody can reach ends.
    pub fn settle(&self) {
        wait::cancel_unauthorised(self);
        if self.holders().is_none_or(|holders| holders.get() > 0) {
            return;
        }
        match self {
            Object::Endpoint(endpoint) => endpoint.destroy(),
            Object::Notification(notification) => notification.destroy(),
            Object::Frame(frame) => frame.destroy(),
            _ => {}
        }
    }
}

impl CapabilityTable {
    pub fn new() -> Self {
        Self::default()
    }

    /// The capability that a number from EL0 stands for.
    pub fn get(&self, number: u64) -> Result<Capability, Error> {
        let place = self.find(number)?;
        self.slots[place].clone().ok_or(Error::InvalidSlot)
    }

    /// The place that a number stands for, unless it is stale.
    pub fn find(&self, number: u64) -> Result<usize, Error> {
        let place = slot::place(number);
        match self.slots.get(place) {
            Some(Some(capability)) if capability.generation == slot::generation(number) => {
                Ok(place)
            }
            _ => Err(Error::InvalidSlot),
        }
    }

    /// The first free place; those that have a meaning are never used again.
    pub fn free_place(&mut self) -> Result<usize, Error> {
        let mut place = self.first_free.max(slot::FREE as usize);
        while !self.is_free(place) {
            place += 1;
        }
        self.first_free = place;
        if place < limit::CAPABILITIES { Ok(place) } else { Err(Error::TableFull) }
    }

    fn is_free(&self, place: usize) -> bool {
        match self.slots.get(place) {
            Some(slot) => slot.is_none() && self.fills[place] <= slot::LAST_GENERATION,
            None => true,
        }
    }

    /// Makes sure that the first free place can be filled.
    pub fn prepare_place(&mut self) -> Result<(), Error> {
        let place = self.free_place()?;
        self.extend(place)
    }

    /// Makes the table long enough for a place.
    fn extend(&mut self, place: usize) -> Result<(), Error> {
        let missing = (place + 1).saturating_sub(self.slots.len());
        if missing > self.slots.capacity() - self.slots.len() {
            memory::require_reserve()?;
        }
        self.slots.try_reserve(missing).map_err(|_| Error::OutOfMemory)?;
        self.fills.try_reserve(missing).map_err(|_| Error::OutOfMemory)?;
        for _ in 0..missing {
            self.slots.push(None);
            self.fills.push(0);
        }
        Ok(())
    }

    /// Fills a free place; its number from now on.
    pub fn put(&mut self, place: usize, mut capability: Capability) -> Result<u64, Error> {
        self.extend(place)?;
        assert!(self.slots[place].is_none());
        capability.generation = self.fills[place];
        self.fills[place] += 1;
        let number = slot::number(place, capability.generation);
        self.slots[place] = Some(capability);
        Ok(number)
    }

    /// Empties a place.
    pub fn take(&mut self, place: usize) -> Option<Capability> {
        let taken = self.slots.get_mut(place)?.take();
        self.first_free = self.first_free.min(place);
        taken
    }
}
