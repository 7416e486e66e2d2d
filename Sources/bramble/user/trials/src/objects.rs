//! Objects that a program makes itself: they work, they are paid for, and nothing is left of them.

use crate::expect::{expect, expect_error};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bramble_runtime::inspect::{Table, ThreadState, inspect, name, records};
use bramble_runtime::ipc::{Reply, reply};
use bramble_runtime::memory::{Frame, PAGE};
use bramble_runtime::misuse::{self, Misuse};
use bramble_runtime::{
    Account, Error, Message, ObjectKind, Slot, account, limit, rights, sleep, spawn, spawn_light,
};

/// What each check leaves behind on purpose: the stack of a thread, and its record.
#[derive(Default)]
struct Left {
    threads: u64,
    pages: u64,
}

pub fn check_objects() -> Result<(), String> {
    balanced("frame", check_frame)?;
    balanced("endpoint", check_endpoint)?;
    balanced("limits", check_limits)?;
    balanced("misuse", check_misuse)?;
    balanced("full table", fill_table)?;
    balanced("too many endpoints", make_endpoints)?;
    balanced("thread", check_thread)?;
    balanced("stopped thread", check_stop)
}

/// Everything that a check takes has to be back afterwards.
fn balanced(name: &str, check: fn() -> Result<Left, String>) -> Result<(), String> {
    let before = expect("account", account())?;
    let left = check().map_err(|problem| format!("{name}: {problem}"))?;
    let after = expect("account", account())?;
    // The heap may have grown, and reports are not our business.
    let heap = after.pages.saturating_sub(before.pages + left.pages);
    let expected = Account {
        threads: before.threads + left.threads,
        pages: before.pages + left.pages + heap,
        blocks: after.blocks,
        ..before
    };
    if after != expected || heap % HEAP_GROWTH != 0 {
        return Err(format!("{name}: {after:?} instead of {expected:?}"));
    }
    Ok(())
}

/// Pages that the heap asks for at a time.
const HEAP_GROWTH: u64 = 0x2_0000 / PAGE as u64;

fn check_frame() -> Result<Left, String> {
    let frame = expect("create", Frame::create(2))?;
    let whole = expect("map", frame.map(true))?;
    expect("write", whole.write(PAGE, 0xb4a3))?;
    expect_error("write beyond", whole.write(2 * PAGE, 1), Error::BadAddress)?;

    let lent = expect("mint read only", frame.slot.mint(rights::RECEIVE, 0))?;
    let lent = Frame::granted(lent, 2);
    expect_error("map read only for writing", lent.map(true).map(drop), Error::MissingRights)?;
    let view = expect("map twice", lent.map(false))?;
    match view.read(PAGE) {
        Ok(0xb4a3) => {}
        other => return Err(format!("the second mapping shows {other:x?}")),
    }
    let wrong = Frame::granted(lent.slot, 3);
    expect_error("map more pages", wrong.map(false).map(drop), Error::InvalidArgument)?;
    // Takes the second mapping along.
    expect("revoke", frame.slot.revoke())?;
    expect_error("unmap after revocation", view.unmap(), Error::InvalidSlot)?;
    expect("unmap", whole.unmap())?;
    expect("delete", frame.slot.delete())?;
    Ok(Left::default())
}

fn check_endpoint() -> Result<Left, String> {
    let queue = expect("create", Slot::create_queue(2))?;
    let sender = expect("mint", queue.mint(rights::SEND, 7))?;
    expect("send", sender.send(1, [10, 11, 12]))?;
    expect("send", sender.send(2, [0; 3]))?;
    expect_error("send to a full queue", sender.send(3, [0; 3]), Error::QueueFull)?;
    let first = expect("receive", queue.queue_receive())?;
    if (first.badge, first.message.label, first.message.words) != (7, 1, [10, 11, 12]) {
        return Err(format!("received {first:?}"));
    }
    expect("delete the owner's", queue.delete())?;
    expect("send to what lives through another", sender.send(3, [0; 3]))?;
    expect("delete the last", sender.delete())?;
    Ok(Left::default())
}

fn check_limits() -> Result<Left, String> {
    expect_error("no pages", Frame::create(0).map(drop), Error::InvalidArgument)?;
    let many = Frame::create(limit::FRAME_PAGES + 1);
    expect_error("too many pages", many.map(drop), Error::InvalidArgument)?;
    let capacity = limit::QUEUE_CAPACITY as u64 + 1;
    expect_error("too long a queue", Slot::create_queue(capacity), Error::InvalidArgument)?;
    Ok(Left::default())
}

/// Whatever is passed to the kernel, an error is all that comes of it.
fn check_misuse() -> Result<Left, String> {
    for number in [5, 1_000, 1 << 32, u64::MAX] {
        match misuse::unknown_call(number) {
            Error::UnknownCall => {}
            other => return Err(format!("call {number} is {other:?}")),
        }
    }
    for misuse in misuse::all() {
        let (result, expected) = (misuse.attempt(), misuse.expected);
        if result != expected {
            let Misuse { call, arguments, .. } = misuse;
            return Err(format!("{call:?} of {arguments:x?}: {result:?} instead of {expected:?}"));
        }
    }
    Ok(Left::default())
}

/// Fills the table of capabilities to its last place.
fn fill_table() -> Result<Left, String> {
    let held = expect("account", account())?.capabilities;
    let root = expect("copy", Slot::NAME.copy())?;
    let mut derived = 0;
    let refused = loop {
        match root.copy() {
            Ok(_) => derived += 1,
            Err(error) => break error,
        }
    };
    // Objects are not made when their capability has no room.
    let frame = Frame::create(1).map(drop);
    let revoked = expect("revoke", root.revoke())?;
    expect("delete", root.delete())?;
    expect_error("frame for a full table", frame, Error::TableFull)?;
    // Places of the boot that are empty are not filled again.
    let most = limit::CAPABILITIES as u64 - held;
    if refused != Error::TableFull || revoked != derived || !(most - 8..most).contains(&derived) {
        return Err(format!("{refused:?} after {derived} of {most}, {revoked} revoked"));
    }
    Ok(Left::default())
}

fn make_endpoints() -> Result<Left, String> {
    let mut made = Vec::new();
    let refused = loop {
        match Slot::create_endpoint() {
            Ok(slot) => made.push(slot),
            Err(error) => break error,
        }
    };
    for slot in &made {
        expect("delete", slot.delete())?;
    }
    if refused != Error::TableFull || made.len() != limit::ENDPOINTS {
        return Err(format!("{refused:?} after {}", made.len()));
    }
    Ok(Left::default())
}

fn check_thread() -> Result<Left, String> {
    let endpoint = expect("create an endpoint", Slot::create_endpoint())?;
    let thread = expect("spawn", spawn(answer_once, endpoint.number()))?;
    match expect("identify", thread.slot.identify())?.kind {
        ObjectKind::Thread => {}
        kind => return Err(format!("a thread is a {kind:?}")),
    }
    let lent = expect("mint", endpoint.mint(rights::SEND | rights::GRANT, 0))?;
    let below = expect("copy", lent.copy())?;
    let message = Message { label: 0, words: [20, 22, 0], grant: Some(lent.moving()) };
    let reply = expect("call the other thread", endpoint.call(&message))?;
    if reply.words[0] != 42 {
        return Err(format!("20 + 22 is {}", reply.words[0]));
    }
    // What was granted has moved, with what was derived from it.
    expect_error("identify what has moved", lent.identify(), Error::InvalidSlot)?;
    let moved = Slot::from_number(reply.words[1]);
    match expect("revoke below what has moved", moved.revoke())? {
        1 => expect_error("identify what was below", below.identify(), Error::InvalidSlot)?,
        count => return Err(format!("{count} capabilities below what has moved")),
    }
    expect("delete", moved.delete())?;
    expect("delete", thread.slot.delete())?;
    expect("delete", endpoint.delete())?;
    Ok(Left { threads: 1, pages: 16 + 16 })
}

/// Answers one call with the sum of its words and the number of what it was granted.
fn answer_once(endpoint: u64) {
    let endpoint = Slot::from_number(endpoint);
    if let Ok(request) = endpoint.receive() {
        let [left, right, _] = request.message.words;
        let granted = request.message.grant.map_or(0, Slot::number);
        let _ = reply(&Ok(Reply::new([left + right, granted, 0])));
    }
}

/// A thread that is stopped while it waits leaves the queue; one whose capability goes is woken.
fn check_stop() -> Result<Left, String> {
    let endpoint = expect("create an endpoint", Slot::create_endpoint())?;
    let caller = expect("mint", endpoint.mint(rights::SEND, 0))?;
    let stopped = expect("spawn", spawn_light(call_slot, caller.number(), PAGE as u64))?;
    let woken = expect("spawn", spawn_light(call_slot, caller.number(), PAGE as u64))?;
    // Both call, in the order in which they were started.
    sleep(20);
    expect("stop", stopped.stop())?;
    let request = expect("receive", endpoint.receive())?;
    if request.sender != woken.number {
        return Err(format!("{} called instead of {}", request.sender, woken.number));
    }
    expect("revoke", endpoint.revoke())?;
    for slot in [stopped.slot, woken.slot, endpoint] {
        expect("delete", slot.delete())?;
    }
    Ok(Left { threads: 2, pages: 2 })
}

fn call_slot(slot: u64) {
    let _ = Slot::from_number(slot).call(&Message::default());
}

/// The kernel's tables say what this program knows of itself.
pub fn check_tables() -> Result<(), String> {
    let own = expect("identify", Slot::THREAD.identify())?.object;
    let threads: Result<Vec<_>, _> = records(Table::Threads).collect();
    let threads = expect("threads", threads)?;
    let Some(me) = threads.iter().find(|record| record.id == own) else {
        return Err(format!("thread {own} is not among {}", threads.len()));
    };
    let domain = me.words[5];
    if (name(me), me.words[0]) != ("tester", ThreadState::Running as u64) {
        return Err(format!("{me:?}"));
    }
    let held = records(Table::Capabilities).flatten().filter(|it| it.words[0] == domain).count();
    let capabilities = expect("account", account())?.capabilities;
    if held as u64 != capabilities {
        return Err(format!("{held} capabilities in the table, {capabilities} in the account"));
    }
    match expect("system", inspect(Table::System, 0))? {
        Some(system) if system.words[7] == 1 => Ok(()),
        system => Err(format!("the books are not balanced: {system:?}")),
    }
}
