//! System calls: from numbers in registers to typed requests, and errors back.

use bramble_abi::inspect::Table;
use bramble_abi::{Call, Error, layout, rights, slot};

use crate::arch::table::Access;
use crate::arch::{serial, timer};
use crate::capability::{Object, Origin};
use crate::creation::{self, ThreadRequest};
use crate::domain::Domain;
use crate::frame::Frame;
use crate::ipc::{self, Payload};
use crate::space::Space;
use crate::thread::{Handler, Thread};
use crate::{account, console, derivation, fault, inspect, irq, notification, recovery};
use crate::{scenario, scheduler, timeouts, user_lock};

/// Most bytes of one ConsoleWrite.
const LONGEST_WRITE: u64 = 256;

/// Serves the system call that the thread has just made. Whatever EL0 passes, the worst that comes
/// of it is an error in x0.
pub fn handle(thread: &Thread) {
    // Stopped by another CPU on its way here.
    if thread.is_dead() {
        return;
    }
    let x = thread.context.lock().x;
    let result = match Call::from_number(x[8]) {
        Some(call) => serve(thread, call, &x),
        None => Err(Error::UnknownCall),
    };
    if let Err(error) = result {
        thread.finish(&[error as u64]);
    }
}

/// `Ok` when the call has ended (its results are in the thread's registers) or blocks the thread.
fn serve(thread: &Thread, call: Call, x: &[u64; 31]) -> Result<(), Error> {
    let done = || {
        thread.finish(&[0]);
        Ok(())
    };
    let value = |result| {
        thread.finish(&[0, result]);
        Ok(())
    };
    if is_about_oneself(call) {
        require_self(thread)?;
    }
    let domain = &thread.domain;
    match call {
        Call::Exit => {
            fault::stop(thread);
            Ok(())
        }
        Call::Yield => {
            scheduler::expire_slice();
            done()
        }
        Call::Sleep => {
            timeouts::sleep(thread, x[0]);
            Ok(())
        }
        Call::Time => value(timer::now()),
        Call::ConsoleWrite => console_write(thread, x[0], x[1], x[2]).and_then(|()| done()),
        Call::ConsoleRead => value(console_read(thread, x[0], x[1], x[2])?),
        Call::Call => ipc::call(thread, x[0], payload(x), x[6]),
        Call::Receive => ipc::receive(thread, x[0], x[1]),
        Call::Reply => ipc::reply(thread, payload(x)).and_then(|()| done()),
        Call::ReplyReceive => ipc::reply_receive(thread, x[0], payload(x), x[6]),
        Call::Send => ipc::send(thread, x[0], payload(x)),
        Call::QueueReceive => ipc::queue_receive(thread, x[0], x[1]),
        Call::Mint => value(derivation::derive((domain, x[0]), x[1] as u8, x[2], domain)?),
        Call::Copy => value(derivation::derive((domain, x[0]), rights::ALL, 0, domain)?),
        Call::Move => value(derivation::relocate((domain, x[0]), domain)?),
        Call::Revoke => value(derivation::revoke(domain, x[0])?),
        Call::Delete => {
            derivation::delete(domain, x[0])?;
            done()
        }
        Call::Identify => identify(thread, x[0]),
        Call::ThreadCreate => {
            let (number, id) = creation::thread(thread, &thread_request(x))?;
            thread.finish(&[0, number, id]);
            Ok(())
        }
        Call::ThreadStop => {
            fault::stop(&controlled_thread(domain, x[0])?);
            done()
        }
        Call::EndpointCreate => value(creation::endpoint(domain, x[0])?),
        Call::FrameCreate => value(creation::frame(domain, x[0])?),
        Call::FrameMap => value(frame_map(domain, [x[0], x[1]], x[2], x[3])?),
        Call::FrameUnmap => {
            let (frame, space) = frame_and_space(domain, x[0], x[1], rights::RECEIVE)?;
            frame.unmap(&space, x[2])?;
            done()
        }
        Call::Account => account(thread, x[0]),
        Call::Inspect => value(inspect(thread, x)?),
        Call::NotificationCreate => value(creation::notification(domain)?),
        Call::Notify => notification::notify(thread, x[0], x[1]).and_then(|()| done()),
        Call::Wait => notification::wait(thread, x[0], x[1]),
        Call::Poll => value(notification::poll(thread, x[0])?),
        Call::IrqBind => irq::bind(domain, x[0], x[1], x[2]).and_then(|()| done()),
        Call::IrqAcknowledge => irq::acknowledge(domain, x[0]).and_then(|()| done()),
        Call::LockWait => user_lock::wait(thread, x[0], x[1], x[2]),
        Call::LockWake => user_lock::wake(thread, x[0]),
        Call::MemoryGrow => value(own_space(thread)?.grow(domain, x[0])?),
        Call::SetHandler => {
            set_handler(thread, x[0], x[1])?;
            done()
        }
        Call::RecoveryReport => recovery_report(thread, x[0]),
        Call::Scenario => value(scenario::chosen() as u64),
        Call::Ready => {
            scenario::thread_is_ready(thread);
            done()
        }
    }
}

fn payload(x: &[u64; 31]) -> Payload {
    Payload { label: x[1], words: [x[2], x[3], x[4]], grant: x[5].checked_sub(1) }
}

fn console_write(thread: &Thread, slot: u64, address: u64, count: u64) -> Result<(), Error> {
    let held = require_console(thread, slot, rights::SEND)?;
    if count > LONGEST_WRITE {
        return Err(Error::InvalidArgument);
    }
    let mut buffer = [0; LONGEST_WRITE as usize];
    let text = &mut buffer[..count as usize];
    space(thread)?.read(address, text)?;
    match held & rights::CONTROL {
        0 => thread.domain.line.lock().write(text),
        _ => console::echo(text),
    }
    Ok(())
}

/// A byte is taken from the port only when it has arrived where it was asked for.
fn console_read(thread: &Thread, slot: u64, address: u64, count: u64) -> Result<u64, Error> {
    require_console(thread, slot, rights::RECEIVE)?;
    let space = space(thread)?;
    let end = address.checked_add(count).ok_or(Error::BadAddress)?;
    for at in address..end {
        space.write(at, &[0])?;
        let Some(byte) = serial::receive() else { return Ok(at - address) };
        space.write(at, &[byte])?;
    }
    Ok(count)
}

/// The rights to the console, among which are `needed`.
fn require_console(thread: &Thread, slot: u64, needed: u8) -> Result<u8, Error> {
    let console = thread.domain.capabilities.lock().get(slot)?;
    if !matches!(console.object, Object::Console) {
        return Err(Error::WrongObject);
    }
    console.require(needed).map(|console| console.rights)
}

fn identify(thread: &Thread, number: u64) -> Result<(), Error> {
    let capability = thread.domain.capabilities.lock().get(number)?;
    let (kind, object) = capability.object.identity();
    let rights = capability.rights.into();
    thread.finish(&[0, kind as u64, object as u64, rights, capability.badge]);
    Ok(())
}

fn thread_request(x: &[u64; 31]) -> ThreadRequest {
    ThreadRequest {
        model: x[0],
        entry: x[1],
        stack_top: x[2],
        stack_size: x[3],
        arguments: [x[4], x[5]],
        priority: x[6],
    }
}

fn controlled_thread(domain: &Domain, number: u64) -> Result<Thread, Error> {
    domain.capabilities.lock().get(number)?.require(rights::CONTROL)?.thread()
}

fn frame_map(
    domain: &Domain,
    [frame, space]: [u64; 2],
    writable: u64,
    pages: u64,
) -> Result<u64, Error> {
    let (needed, access) = match writable {
        0 => (rights::RECEIVE, Access::Read),
        1 => (rights::RECEIVE | rights::SEND, Access::Write),
        _ => return Err(Error::InvalidArgument),
    };
    let through = Origin { domain: domain.id, slot: slot::place(frame) };
    let (frame, space) = frame_and_space(domain, frame, space, needed)?;
    if frame.pages as u64 != pages {
        return Err(Error::InvalidArgument);
    }
    frame.map(&space, access, through)
}

fn frame_and_space(
    domain: &Domain,
    frame: u64,
    space: u64,
    needed: u8,
) -> Result<(Frame, Space), Error> {
    let table = domain.capabilities.lock();
    let frame = table.get(frame)?.require(needed)?.frame()?;
    Ok((frame, table.get(space)?.require(rights::CONTROL)?.space()?))
}

fn account(thread: &Thread, number: u64) -> Result<(), Error> {
    let domain = &controlled_thread(&thread.domain, number)?.domain;
    let account = &domain.account;
    let counts = [
        &account.threads,
        &account.capabilities,
        &account.endpoints,
        &account.notifications,
        &account.frames,
    ];
    let [threads, capabilities, endpoints, notifications, frames] =
        counts.map(|count| count.get() as u64);
    let pages = account::pages(domain) as u64;
    let blocks = account.reported.lock().map_or(0, |reported| reported.blocks);
    thread.finish(&[0, threads, capabilities, endpoints, notifications, frames, pages, blocks]);
    Ok(())
}

/// 1 if a record was written.
fn inspect(thread: &Thread, x: &[u64; 31]) -> Result<u64, Error> {
    let kernel = thread.domain.capabilities.lock().get(x[0])?.require(rights::RECEIVE)?;
    if !matches!(kernel.object, Object::Kernel) {
        return Err(Error::WrongObject);
    }
    let table = Table::from_number(x[1]).ok_or(Error::InvalidArgument)?;
    let Some(record) = inspect::find(table, x[2]) else { return Ok(0) };
    space(thread)?.write(x[3], inspect::bytes_of(&record))?;
    Ok(1)
}

fn is_about_oneself(call: Call) -> bool {
    match call {
        Call::Yield | Call::Sleep | Call::Time | Call::Scenario | Call::Ready => true,
        Call::SetHandler | Call::RecoveryReport | Call::EndpointCreate => true,
        Call::NotificationCreate | Call::LockWait | Call::LockWake => true,
        _ => false,
    }
}

/// Calls about oneself need CONTROL through `slot::THREAD`.
fn require_self(thread: &Thread) -> Result<(), Error> {
    let itself = thread.domain.capabilities.lock().get(slot::THREAD)?;
    itself.require(rights::CONTROL)?.thread().map(drop)
}

fn set_handler(thread: &Thread, entry: u64, stack_top: u64) -> Result<(), Error> {
    if !stack_top.is_multiple_of(16) || stack_top < layout::HANDLER_STACK_SIZE {
        return Err(Error::InvalidArgument);
    }
    *thread.handler.lock() = Some(Handler { entry, stack_top });
    Ok(())
}

fn recovery_report(thread: &Thread, address: u64) -> Result<(), Error> {
    let report = recovery::read_report(&space(thread)?, address)?;
    let generation = recovery::record(thread, &report);
    thread.finish(&[0, generation]);
    recovery::settle(thread, report.outcome);
    Ok(())
}

fn space(thread: &Thread) -> Result<Space, Error> {
    thread.space.clone().ok_or(Error::BadAddress)
}

/// The space that the domain may grow.
fn own_space(thread: &Thread) -> Result<Space, Error> {
    let capability = thread.domain.capabilities.lock().get(slot::SPACE)?;
    capability.require(rights::CONTROL)?.space()
}
