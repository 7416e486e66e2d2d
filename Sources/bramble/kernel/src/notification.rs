//! Notifications: bits that are set by whoever has something to say, and taken by one waiter.
//! Setting never blocks and never fails for lack of room; bits set twice are taken once.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::ops::Deref;
use core::sync::atomic::{AtomicUsize, Ordering};

use bramble_abi::{Error, rights};

use crate::account::Count;
use crate::capability::Capability;
use crate::domain::{self, Domain};
use crate::identifier::{DomainId, NotificationId, Tid};
use crate::sync::Mutex;
use crate::thread::{Thread, Wait};
use crate::trace::{self, Channel, IpcKind};
use crate::{irq, timeouts, wait};

pub static NOTIFICATION_MAP: Mutex<BTreeMap<NotificationId, Notification>> =
    Mutex::new(BTreeMap::new());

static NEXT_ID: AtomicUsize = AtomicUsize::new(1);

#[derive(Clone)]
pub struct Notification(Arc<NotificationBlock>);

pub struct NotificationBlock {
    pub id: NotificationId,
    /// That of the domain that made it.
    pub name: &'static str,
    pub owner: DomainId,
    /// Capabilities for it.
    pub holders: Count,
    /// Bits that nobody has taken yet.
    pub pending: Mutex<u64>,
    /// At most one.
    pub waiter: Mutex<Option<Thread>>,
}

impl Deref for Notification {
    type Target = NotificationBlock;

    fn deref(&self) -> &NotificationBlock {
        &self.0
    }
}

pub fn create(owner: &Domain) -> Notification {
    let id = NotificationId(NEXT_ID.fetch_add(1, Ordering::Relaxed));
    let notification = Notification(Arc::new(NotificationBlock {
        id,
        name: owner.name,
        owner: owner.id,
        holders: Count::default(),
        pending: Mutex::new(0),
        waiter: Mutex::new(None),
    }));
    NOTIFICATION_MAP.lock().insert(id, notification.clone());
    owner.account.notifications.add(1);
    notification
}

/// Sets bits. A capability with a badge sets no others than those of the badge.
pub fn notify(sender: &Thread, slot: u64, bits: u64) -> Result<(), Error> {
    let (notification, badge) = lookup(&sender.domain, slot, rights::SEND)?.notification()?;
    if bits == 0 || badge != 0 && bits & !badge != 0 {
        return Err(Error::InvalidArgument);
    }
    notification.set(bits, Some(sender.id));
    Ok(())
}

/// Takes the bits that are set, or waits for some.
pub fn wait(waiter: &Thread, slot: u64, patience: u64) -> Result<(), Error> {
    let (notification, _) = lookup(&waiter.domain, slot, rights::RECEIVE)?.notification()?;
    if *notification.pending.lock() != 0 {
        waiter.finish(&[0, notification.take()]);
        return Ok(());
    }
    let mut place = notification.waiter.lock();
    if place.is_some() {
        return Err(Error::Busy);
    }
    *place = Some(waiter.clone());
    waiter.block(Wait::Notification(notification.clone()));
    timeouts::limit(waiter, patience);
    Ok(())
}

/// Takes the bits that are set; 0 if there are none.
pub fn poll(thread: &Thread, slot: u64) -> Result<u64, Error> {
    let (notification, _) = lookup(&thread.domain, slot, rights::RECEIVE)?.notification()?;
    Ok(notification.take())
}

/// Nobody waits any more for notifications of a domain that has died.
pub fn forget(owner: DomainId) {
    let map = NOTIFICATION_MAP.lock();
    for notification in map.values().filter(|notification| notification.owner == owner) {
        let waiter = notification.waiter.lock().clone();
        waiter.inspect(|waiter| wait::end(waiter, Error::PartnerGone));
    }
}

impl NotificationBlock {
    /// Sets bits for `sender`; `None` is an interrupt.
    pub fn set(&self, bits: u64, sender: Option<Tid>) {
        let waiter = self.waiter.lock().take();
        let parties = (sender, waiter.as_ref().map(|waiter| waiter.id));
        trace::ipc(IpcKind::Notify, parties, Channel::Notification(self.id), (bits, 0));
        *self.pending.lock() |= bits;
        if let Some(waiter) = waiter {
            wait::wake(&waiter, &[0, self.take()]);
        }
    }

    fn take(&self) -> u64 {
        core::mem::take(&mut *self.pending.lock())
    }

    /// The last capability has gone: nobody can reach it.
    pub fn destroy(&self) {
        irq::unbind(|binding| binding.notification.id == self.id);
        NOTIFICATION_MAP.lock().remove(&self.id);
        if let Some(owner) = domain::find(self.owner) {
            owner.account.notifications.remove(1);
        }
    }

    /// Ends the wait here if its capability is no longer there.
    pub fn cancel_unauthorised(&self) {
        let waiter = self.waiter.lock().clone();
        if let Some(waiter) = waiter.filter(wait::is_unauthorised) {
            wait::end(&waiter, Error::Cancelled);
        }
    }
}

fn lookup(domain: &Domain, slot: u64, rights: u8) -> Result<Capability, Error> {
    domain.capabilities.lock().get(slot)?.require(rights)
}
