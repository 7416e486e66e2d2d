//! How waits end: with what was waited for, or otherwise, and then without a trace.

use bramble_abi::Error;

use crate::capability::Object;
use crate::identifier::Tid;
use crate::thread::{self, Thread, Wait};
use crate::trace::{self, Channel, IpcKind};
use crate::{scheduler, user_lock};

/// Ends the wait of a thread that is in no queue any more: its call returns `results`.
pub fn wake(thread: &Thread, results: &[u64]) {
    thread.finish(results);
    scheduler::make_ready(thread);
}

/// Ends the wait of a thread before its time: its call returns `error`.
pub fn end(thread: &Thread, error: Error) {
    let Some(wait) = thread.waits_for() else { return };
    withdraw(thread);
    let kind = if error == Error::TimedOut { IpcKind::TimeOut } else { IpcKind::Cancel };
    let (partner, channel) = describe(&wait);
    trace::ipc(kind, (Some(thread.id), partner), channel, (error as u64, 0));
    wake(thread, &[error as u64]);
}

/// A capability for this object has gone: ends the waits that went through it.
pub fn cancel_unauthorised(object: &Object) {
    match object {
        Object::Endpoint(endpoint) => endpoint.cancel_unauthorised(),
        Object::Notification(notification) => notification.cancel_unauthorised(),
        Object::Irq(irq) => irq.cancel_unauthorised(),
        _ => {}
    }
}

/// Has what a thread waits through gone? The number of its capability is still in its x0.
pub fn is_unauthorised(thread: &Thread) -> bool {
    let number = thread.context.lock().x[0];
    thread.domain.capabilities.lock().find(number).is_err()
}

/// Takes a thread out of everything that it waits in: nobody will wake it, or answer it.
pub fn withdraw(thread: &Thread) {
    match thread.waits_for() {
        Some(Wait::Send(endpoint)) => drop(endpoint.senders.lock().remove(thread)),
        Some(Wait::Receive(endpoint) | Wait::Queue(endpoint)) => {
            endpoint.receivers.lock().remove(thread);
        }
        Some(Wait::Reply { server }) => dismiss(server, thread.id),
        Some(Wait::Notification(notification)) => *notification.waiter.lock() = None,
        Some(Wait::Lock(id)) => user_lock::withdraw(thread, id),
        Some(Wait::Sleep) | None => {}
    }
}

/// The server works on, and learns from its reply that nobody waits for it.
fn dismiss(server: Tid, caller: Tid) {
    if let Some(server) = thread::find(server) {
        server.serving.lock().take_if(|served| *served == caller);
    }
}

/// Whom and through what a thread waits for.
fn describe(wait: &Wait) -> (Option<Tid>, Channel) {
    match wait {
        Wait::Send(endpoint) | Wait::Receive(endpoint) | Wait::Queue(endpoint) => {
            (None, Channel::Endpoint(endpoint.id))
        }
        Wait::Reply { server } => (Some(*server), Channel::Direct),
        Wait::Notification(notification) => (None, Channel::Notification(notification.id)),
        Wait::Lock(_) | Wait::Sleep => (None, Channel::Direct),
    }
}
