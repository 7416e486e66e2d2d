//! Waits and how they end, as a program sees it.

use crate::expect::{expect, expect_error};
use alloc::format;
use alloc::string::String;
use bramble_runtime::protocol::disk::{self, TRANSFER};
use bramble_runtime::protocol::name;
use bramble_runtime::{Error, Message, Notification, Slot, rights, time};

/// Nanoseconds: far shorter than the disk needs for a block.
const MOMENT: u64 = 2_000_000;
/// All bytes of block N are N, and a transfer returns their sum.
const BLOCK_SIZE: u64 = 512;

pub fn check_notifications() -> Result<(), String> {
    let notification = expect("create", Notification::create())?;
    expect_bits("poll", notification.poll(), 0)?;
    expect("set", notification.notify(0b0101))?;
    expect("set more", notification.notify(0b0110))?;
    expect_bits("wait", notification.wait(), 0b0111)?;
    expect_bits("poll afterwards", notification.poll(), 0)?;
    expect_error("set nothing", notification.notify(0), Error::InvalidArgument)?;
    let before = time();
    expect_error("wait for nothing", notification.wait_within(MOMENT), Error::TimedOut)?;
    if time() - before < MOMENT {
        return Err(String::from("the time-out came too early"));
    }
    expect("set after a time-out", notification.notify(8))?;
    expect_bits("wait after a time-out", notification.wait_within(MOMENT), 8)?;
    check_attenuation(notification)?;
    expect_error("wait at an endpoint", Notification(Slot::NAME).wait(), Error::MissingRights)?;
    expect_error("bind no interrupt", notification.bind_irq(Slot::IRQ, 1), Error::InvalidSlot)?;
    expect_error("bind", notification.bind_irq(Slot::NAME, 1), Error::MissingRights)?;
    expect("delete", notification.0.delete())
}

/// A badge says which bits a sender may set.
fn check_attenuation(notification: Notification) -> Result<(), String> {
    let sender = Notification(expect("mint", notification.0.mint(rights::SEND, 0b1100))?);
    expect("set a bit of the badge", sender.notify(0b0100))?;
    expect_error("set another bit", sender.notify(0b0110), Error::InvalidArgument)?;
    expect_error("wait with SEND only", sender.wait(), Error::MissingRights)?;
    expect_bits("poll for the badge's bit", notification.poll(), 0b0100)
}

/// A call that was given up is over: its answer does not end the next one.
pub fn check_timeouts() -> Result<(), String> {
    let disk = name::lookup(disk::NAME);
    let transfer = |block| Message::new(TRANSFER, [block, 0, 0]);
    for block in 1..=3 {
        let hasty = disk.call_within(&transfer(block), MOMENT);
        expect_error("call in haste", hasty, Error::TimedOut)?;
        // Queues up behind the one that the disk still works on.
        let hasty = disk.call_within(&transfer(block), MOMENT);
        expect_error("queue in haste", hasty, Error::TimedOut)?;
        let patient = expect("call", disk.call_within(&transfer(block + 10), 100 * 1_000_000_000))?;
        if patient.words[0] != (block + 10) * BLOCK_SIZE {
            return Err(format!("the answer for another block: {:?}", patient.words));
        }
    }
    Ok(())
}

fn expect_bits(action: &str, result: Result<u64, Error>, expected: u64) -> Result<(), String> {
    match expect(action, result)? {
        bits if bits == expected => Ok(()),
        bits => Err(format!("{action}: {bits:#b} instead of {expected:#b}")),
    }
}
