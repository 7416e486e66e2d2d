//! Notifications, and the interrupts that set their bits.

use crate::ipc::Slot;
use crate::syscall::numbers;
use bramble_abi::{Call, Error};

/// Bits that others set and one thread waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notification(pub Slot);

impl Notification {
    /// A new one, of which this domain holds all rights.
    pub fn create() -> Result<Notification, Error> {
        let results = numbers(Call::NotificationCreate, [])?;
        Ok(Notification(Slot::from_number(results[0]).taken()))
    }

    /// Sets bits, without waiting.
    pub fn notify(self, bits: u64) -> Result<(), Error> {
        numbers(Call::Notify, [self.0.number(), bits]).map(drop)
    }

    /// Takes the bits that are set; waits while there are none.
    pub fn wait(self) -> Result<u64, Error> {
        self.wait_within(0)
    }

    /// As `wait`, but no longer than `patience` nanoseconds (0: for ever).
    pub fn wait_within(self, patience: u64) -> Result<u64, Error> {
        numbers(Call::Wait, [self.0.number(), patience]).map(|results| results[0])
    }

    /// Takes the bits that are set, perhaps none.
    pub fn poll(self) -> Result<u64, Error> {
        numbers(Call::Poll, [self.0.number()]).map(|results| results[0])
    }

    /// Lets an interrupt set `bits`.
    pub fn bind_irq(self, irq: Slot, bits: u64) -> Result<(), Error> {
        numbers(Call::IrqBind, [irq.number(), self.0.number(), bits]).map(drop)
    }
}

/// The device has been served: it may interrupt again.
pub fn acknowledge_irq(irq: Slot) -> Result<(), Error> {
    numbers(Call::IrqAcknowledge, [irq.number()]).map(drop)
}
