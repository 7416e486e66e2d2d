//! The request loop of a server: every request is a transaction that may be given up.

use crate::ipc::{Reply, Request, Slot};
pub use crate::recovery::Restart;
use crate::recovery::{give_up, protect, restart_service, send, succeeded};
use crate::syscall::ready;
use crate::thread::Thread;
use bramble_abi::{Error, Level, Outcome};
use bramble_unwind::catch;
use core::sync::atomic::Ordering::Relaxed;

/// A server's own part. It owns what is in its statics, and nothing else outlives a request.
pub trait Service: Sync {
    fn serve(&self, request: &Request) -> Result<Reply, Error>;

    /// Whether a request that faulted half way may be run again.
    fn is_repeatable(&self, _request: &Request) -> bool {
        true
    }

    /// Makes the state as it was before the first request (`Mutex::reset`), when it cannot be
    /// trusted any more. False if the service does not know how: then its domain ends.
    fn reset(&self, _restart: &Restart) -> bool {
        false
    }
}

/// What a thread does for ever, so that it can be made to begin anew.
#[derive(Clone, Copy)]
pub(crate) struct Loop {
    pub service: &'static dyn Service,
    run: fn(&'static dyn Service) -> !,
    /// Where its frames begin: what lies above belongs to the caller, and stays.
    pub stack: u64,
}

impl Loop {
    /// Runs it. Whoever unwinds out of it begins it anew.
    pub fn enter(self) -> ! {
        let _ = catch(|| (self.run)(self.service));
        restart_service()
    }
}

/// Serves callers of the server's own endpoint for ever.
pub fn serve(service: &dyn Service) -> ! {
    begin(service, serve_calls)
}

/// Drains the server's own queue for ever; nobody waits for an answer.
pub fn drain(service: &dyn Service) -> ! {
    begin(service, serve_queue)
}

fn begin(service: &dyn Service, run: fn(&'static dyn Service) -> !) -> ! {
    // SAFETY: the reference is the caller's, to whom nobody ever returns, not even by unwinding:
    // the service lives as long as the thread.
    let service: &'static dyn Service = unsafe { core::mem::transmute(service) };
    let mut program = Loop { service, run, stack: 0 };
    program.stack = (&raw const program) as u64 & !15;
    if let Some(thread) = Thread::current() {
        // SAFETY: the calling thread's, and no other reference is alive.
        unsafe { thread.recovery().program = Some(program) };
    }
    ready();
    program.enter()
}

fn serve_calls(service: &'static dyn Service) -> ! {
    let mut next = Slot::OWN.receive();
    loop {
        next = match &next {
            Ok(request) => match attempt(service, request) {
                Some(answer) => Slot::OWN.reply_receive(&answer),
                // The kernel has answered with `ServerFault` when it was told of the recovery.
                None => Slot::OWN.receive(),
            },
            Err(error) => {
                println!("cannot receive: {error:?}");
                crate::syscall::sleep(100);
                Slot::OWN.receive()
            }
        };
    }
}

fn serve_queue(service: &'static dyn Service) -> ! {
    loop {
        match Slot::OWN.queue_receive() {
            Ok(request) => drop(attempt(service, &request)),
            Err(error) => {
                println!("cannot receive: {error:?}");
                crate::syscall::sleep(100);
            }
        }
    }
}

/// Runs a request, and once more if it faults and may be repeated. `None` if it was given up.
fn attempt(service: &dyn Service, request: &Request) -> Option<Result<Reply, Error>> {
    if let Some(thread) = Thread::current() {
        thread.client.store(request.sender, Relaxed);
        thread.label.store(request.message.label, Relaxed);
        thread.ledger.note_given(request.message.grant);
    }
    let first = match protect(|| service.serve(request)) {
        Ok(answer) => {
            succeeded();
            return Some(answer);
        }
        Err(recovery) => recovery,
    };
    match protect(|| service.is_repeatable(request).then(|| service.serve(request))) {
        Ok(Some(answer)) => {
            succeeded();
            send(first, Level::Request, Outcome::Retried);
            return Some(answer);
        }
        Ok(None) => refuse(first),
        Err(second) => {
            send(first, Level::Request, Outcome::Restarted);
            refuse(second);
        }
    }
    None
}

/// Gives a request up for good, and with it the capability that came with it.
fn refuse(mut recovery: bramble_abi::RecoveryReport) {
    if let Some(thread) = Thread::current() {
        recovery.ledger_capabilities += thread.ledger.release_given();
    }
    give_up(recovery);
}
