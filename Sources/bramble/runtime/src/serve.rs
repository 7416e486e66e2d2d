//! The request loop of a server: every request is a transaction that may be given up.

use crate::ipc::{Reply, Request, Slot};
use crate::recovery::{protect, report};
use crate::syscall::ready;
use bramble_abi::{Error, Outcome};

/// A server's own part.
pub trait Service {
    fn serve(&self, request: &Request) -> Result<Reply, Error>;

    /// Whether a request that faulted half way may be run again.
    fn is_repeatable(&self, _request: &Request) -> bool {
        true
    }
}

/// Serves callers of the server's own endpoint for ever.
pub fn serve(service: &dyn Service) -> ! {
    ready();
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

/// Drains the server's own queue for ever; nobody waits for an answer.
pub fn drain(service: &dyn Service) -> ! {
    ready();
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
    let first = match protect(|| service.serve(request)) {
        Ok(answer) => return Some(answer),
        Err(recovery) => recovery,
    };
    if !service.is_repeatable(request) {
        report(first, Outcome::Restarted);
        return None;
    }
    match protect(|| service.serve(request)) {
        Ok(answer) => {
            report(first, Outcome::Retried);
            Some(answer)
        }
        Err(second) => {
            report(first, Outcome::Restarted);
            report(second, Outcome::Restarted);
            None
        }
    }
}
