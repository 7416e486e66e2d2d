//! Notifications, and interrupts that arrive as such.

use crate::ipc::Slot;
use crate::syscall::numbers;
use bramble_abi::{Call, Error, slot};

/// Bits that somebody sets and this domain waits for.
#[derive(Clone, Copy)]
pub struct Notification(Slot);

/// The interrupt of the device that this server drives.
pub struct Interrupt;

impl Notification {
    pub fn create() -> Result<Notification, Error> {
        let results = numbers(Call::NotificationCreate, [])?;
        Ok(Notification(Slot::from_number(results[0])))
    }

    /// Takes the bits that are set, of which there is at least one: waits for it.
    pub fn wait(self) -> Result<u64, Error> {
        numbers(Call::Wait, [self.0.number(), 0]).map(|results| results[0])
    }
}

impl Interrupt {
    /// Has it set `bits`, from now on.
    pub fn bind(notification: Notification, bits: u64) -> Result<(), Error> {
        numbers(Call::IrqBind, [slot::IRQ, notification.0.number(), bits]).map(drop)
    }

    /// Allows the next one: the device has been served.
    pub fn acknowledge() -> Result<(), Error> {
        numbers(Call::IrqAcknowledge, [slot::IRQ]).map(drop)
    }
}
