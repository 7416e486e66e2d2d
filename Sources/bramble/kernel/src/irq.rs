//! Interrupts of devices, delivered as bits of a notification. A line that has struck stays masked
//! until its driver has served the device and acknowledges: no driver, however slow, is flooded.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::ops::Deref;

use bramble_abi::{Error, rights};

use crate::arch::interrupts;
use crate::domain::Domain;
use crate::identifier::{DomainId, IrqId};
use crate::notification::Notification;
use crate::sync::Mutex;

pub static IRQ_MAP: Mutex<BTreeMap<IrqId, Irq>> = Mutex::new(BTreeMap::new());

#[derive(Clone)]
pub struct Irq(Arc<IrqBlock>);

pub struct IrqBlock {
    /// The line's number at the interrupt controller.
    pub id: IrqId,
    pub state: Mutex<IrqState>,
    pub binding: Mutex<Option<Binding>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IrqState {
    /// Bound to nothing.
    Masked,
    /// The device may interrupt.
    Idle,
    /// It has, and its driver has not acknowledged yet.
    Pending,
}

/// Whom an interrupt is delivered to.
#[derive(Clone)]
pub struct Binding {
    pub driver: Domain,
    /// The slot of the driver's capability: without it, nothing is delivered any more.
    slot: u64,
    pub notification: Notification,
    pub bits: u64,
}

impl Deref for Irq {
    type Target = IrqBlock;

    fn deref(&self) -> &IrqBlock {
        &self.0
    }
}

pub fn create(line: u32) -> Irq {
    let id = IrqId(line as usize);
    let irq = Irq(Arc::new(IrqBlock {
        id,
        state: Mutex::new(IrqState::Masked),
        binding: Mutex::new(None),
    }));
    IRQ_MAP.lock().insert(id, irq.clone());
    irq
}

/// From now on the interrupt sets `bits` of a notification. There may be an older binding: it ends.
pub fn bind(driver: &Domain, slot: u64, notification: u64, bits: u64) -> Result<(), Error> {
    let irq = lookup(driver, slot)?;
    let target = driver.capabilities.lock().get(notification)?.require(rights::SEND)?;
    let (notification, badge) = target.notification()?;
    if bits == 0 || badge != 0 && bits & !badge != 0 {
        return Err(Error::InvalidArgument);
    }
    *irq.binding.lock() = Some(Binding { driver: driver.clone(), slot, notification, bits });
    irq.unmask();
    Ok(())
}

/// The device has been served: it may interrupt again.
pub fn acknowledge(driver: &Domain, slot: u64) -> Result<(), Error> {
    let irq = lookup(driver, slot)?;
    if irq.binding.lock().is_none() {
        return Err(Error::InvalidArgument);
    }
    irq.unmask();
    Ok(())
}

fn lookup(domain: &Domain, slot: u64) -> Result<Irq, Error> {
    domain.capabilities.lock().get(slot)?.require(rights::CONTROL)?.irq()
}

/// A device interrupts.
pub fn deliver(line: u32) {
    interrupts::disable(line);
    let Some(irq) = IRQ_MAP.lock().get(&IrqId(line as usize)).cloned() else { return };
    let binding = irq.binding.lock().clone();
    if let Some(Binding { notification, bits, .. }) = binding {
        *irq.state.lock() = IrqState::Pending;
        notification.set(bits, None);
    }
}

/// The interrupts of a domain that has died are nobody's.
pub fn forget(driver: DomainId) {
    unbind(|binding| binding.driver.id == driver);
}

/// Ends bindings whose driver or notification has gone.
pub fn unbind(has_gone: impl Fn(&Binding) -> bool) {
    for irq in IRQ_MAP.lock().values() {
        irq.unbind(&has_gone);
    }
}

impl IrqBlock {
    /// Ends the binding if the driver's capability is no longer there.
    pub fn cancel_unauthorised(&self) {
        self.unbind(|binding| binding.driver.capabilities.lock().find(binding.slot).is_err());
    }

    fn unbind(&self, has_gone: impl Fn(&Binding) -> bool) {
        if self.binding.lock().take_if(|binding| has_gone(binding)).is_some() {
            *self.state.lock() = IrqState::Masked;
            interrupts::disable(self.id.0 as u32);
        }
    }

    fn unmask(&self) {
        *self.state.lock() = IrqState::Idle;
        interrupts::enable(self.id.0 as u32);
    }
}
