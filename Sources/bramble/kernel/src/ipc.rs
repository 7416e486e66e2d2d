//! Endpoints: calls that wait for a reply, and queues that do not wait.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use core::ops::Deref;

use bramble_abi::{Error, rights, slot};

use crate::capability::{Capability, Object};
use crate::derivation;
use crate::domain::{self, Domain};
use crate::identifier::{DomainId, EndpointId, Tid};
use crate::scheduler;
use crate::sync::Mutex;
use crate::thread::{self, Thread, Wait};

pub static ENDPOINT_MAP: Mutex<BTreeMap<EndpointId, Endpoint>> = Mutex::new(BTreeMap::new());

/// Messages that a queue holds.
pub const QUEUE_CAPACITY: usize = 8;

#[derive(Clone)]
pub struct Endpoint(Arc<EndpointBlock>);

pub struct EndpointBlock {
    pub id: EndpointId,
    pub name: &'static str,
    pub kind: Kind,
    /// The domain that serves it.
    pub owner: DomainId,
    /// Callers that no server thread has taken yet, in order of arrival.
    pub senders: Mutex<VecDeque<Sender>>,
    /// Server threads that wait for work.
    pub receivers: Mutex<VecDeque<Thread>>,
    /// Messages of a queue; always empty for a rendezvous.
    pub messages: Mutex<VecDeque<Message>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Call and reply: the caller waits for its server.
    Rendezvous,
    /// Asynchronous: the sender never waits.
    Queue { capacity: usize },
}

/// A caller in an endpoint's sender queue.
pub struct Sender {
    pub thread: Thread,
    pub message: Message,
}

#[derive(Clone, Debug)]
pub struct Message {
    pub sender: Tid,
    /// Of the capability through which it was sent.
    pub badge: u64,
    pub label: u64,
    pub words: [u64; 3],
    /// The sender's slot to grant. The capability stays there until the message is delivered, so
    /// that a revocation in between is not outrun.
    pub grant: Option<u64>,
}

impl Deref for Endpoint {
    type Target = EndpointBlock;

    fn deref(&self) -> &EndpointBlock {
        &self.0
    }
}

pub fn create(name: &'static str, kind: Kind, owner: &Domain) -> Endpoint {
    let mut map = ENDPOINT_MAP.lock();
    let id = EndpointId(map.len() + 1);
    let endpoint = Endpoint(Arc::new(EndpointBlock {
        id,
        name,
        kind,
        owner: owner.id,
        senders: Mutex::new(VecDeque::new()),
        receivers: Mutex::new(VecDeque::new()),
        messages: Mutex::new(VecDeque::new()),
    }));
    map.insert(id, endpoint.clone());
    owner.account.endpoints.add(1);
    endpoint
}

/// What travels in registers: label, three words, a slot to grant.
#[derive(Clone, Copy)]
pub struct Payload {
    pub label: u64,
    pub words: [u64; 3],
    pub grant: Option<u64>,
}

/// Calls a server and waits for its reply.
pub fn call(caller: &Thread, slot: u64, payload: Payload) -> Result<(), Error> {
    let (endpoint, badge) = lookup(&caller.domain, slot, rights::SEND)?.endpoint()?;
    if endpoint.kind != Kind::Rendezvous {
        return Err(Error::WrongObject);
    }
    if !domain::find(endpoint.owner).is_some_and(|owner| owner.is_alive()) {
        return Err(Error::PartnerGone);
    }
    check_grant(&caller.domain, payload.grant)?;
    let message = Message {
        sender: caller.id,
        badge,
        label: payload.label,
        words: payload.words,
        grant: payload.grant,
    };
    let receiver = endpoint.receivers.lock().pop_front();
    match receiver {
        Some(server) => hand_over(&server, caller, &message),
        None => {
            caller.block(Wait::Send(endpoint.clone()));
            endpoint.senders.lock().push_back(Sender { thread: caller.clone(), message });
        }
    }
    Ok(())
}

/// Takes the next call, or waits for one.
pub fn receive(server: &Thread, slot: u64) -> Result<(), Error> {
    let (endpoint, _) = lookup(&server.domain, slot, rights::RECEIVE)?.endpoint()?;
    if endpoint.kind != Kind::Rendezvous {
        return Err(Error::WrongObject);
    }
    give_up_served(server, Error::ServerFault);
    let sender = endpoint.senders.lock().pop_front();
    match sender {
        Some(Sender { thread: caller, message }) => hand_over(server, &caller, &message),
        None => {
            server.block(Wait::Receive(endpoint.clone()));
            endpoint.receivers.lock().push_back(server.clone());
        }
    }
    Ok(())
}

/// Gives a call to the server thread that takes it; the caller now waits for its reply.
fn hand_over(server: &Thread, caller: &Thread, message: &Message) {
    deliver(server, Some(caller), message);
    *server.serving.lock() = Some(caller.id);
    caller.block(Wait::Reply { server: server.id });
    wake(server);
}

/// Ends the receiver's system call with a message.
fn deliver(receiver: &Thread, sender: Option<&Thread>, message: &Message) {
    let granted = sender
        .and_then(|sender| derivation::grant(&sender.domain, &receiver.domain, message.grant));
    let [first, second, third] = message.words;
    let sender = message.sender.0 as u64;
    let granted = granted.map_or(0, |number| number + 1);
    receiver.finish(&[0, message.badge, message.label, first, second, third, granted, sender]);
}

/// Answers the call that the server is serving.
pub fn reply(server: &Thread, payload: Payload) -> Result<(), Error> {
    check_grant(&server.domain, payload.grant)?;
    let caller = take_served(server).ok_or(Error::PartnerGone)?;
    let granted = derivation::grant(&server.domain, &caller.domain, payload.grant);
    let [first, second, third] = payload.words;
    let granted = granted.map_or(0, |number| number + 1);
    caller.finish(&[0, payload.label, first, second, third, granted]);
    scheduler::make_ready(&caller);
    Ok(())
}

/// Answers, then takes the next call. That the caller has gone is no reason to stop serving.
pub fn reply_receive(server: &Thread, slot: u64, payload: Payload) -> Result<(), Error> {
    match reply(server, payload) {
        Ok(()) | Err(Error::PartnerGone) => receive(server, slot),
        error => error,
    }
}

/// Ends the call that the server is serving without an answer.
pub fn give_up_served(server: &Thread, error: Error) {
    if let Some(caller) = take_served(server) {
        fail(&caller, error);
    }
}

fn take_served(server: &Thread) -> Option<Thread> {
    let caller = server.serving.lock().take()?;
    thread::find(caller).filter(|caller| caller.awaits_reply_of(server.id))
}

fn fail(thread: &Thread, error: Error) {
    thread.finish(&[error as u64]);
    scheduler::make_ready(thread);
}

/// Puts a message into a queue.
pub fn send(sender: &Thread, slot: u64, payload: Payload) -> Result<(), Error> {
    let (endpoint, badge) = lookup(&sender.domain, slot, rights::SEND)?.endpoint()?;
    let Kind::Queue { capacity } = endpoint.kind else {
        return Err(Error::WrongObject);
    };
    let Payload { label, words, .. } = payload;
    let message = Message { sender: sender.id, badge, label, words, grant: None };
    let receiver = endpoint.receivers.lock().pop_front();
    if let Some(receiver) = receiver {
        deliver(&receiver, None, &message);
        wake(&receiver);
    } else if endpoint.messages.lock().len() < capacity {
        endpoint.messages.lock().push_back(message);
    } else {
        return Err(Error::QueueFull);
    }
    sender.finish(&[0]);
    Ok(())
}

/// Takes the next message of a queue, or waits for one.
pub fn queue_receive(receiver: &Thread, slot: u64) -> Result<(), Error> {
    let (endpoint, _) = lookup(&receiver.domain, slot, rights::RECEIVE)?.endpoint()?;
    if endpoint.kind == Kind::Rendezvous {
        return Err(Error::WrongObject);
    }
    let message = endpoint.messages.lock().pop_front();
    match message {
        Some(message) => deliver(receiver, None, &message),
        None => {
            receiver.block(Wait::Queue(endpoint.clone()));
            endpoint.receivers.lock().push_back(receiver.clone());
        }
    }
    Ok(())
}

/// Tells everybody who waits for a thread that has died.
pub fn forget(dead: &Thread) {
    give_up_served(dead, Error::PartnerGone);
    if dead.domain.is_alive() {
        return;
    }
    let owned = |endpoint: &&Endpoint| endpoint.owner == dead.domain.id;
    for endpoint in ENDPOINT_MAP.lock().values().filter(owned) {
        for sender in endpoint.senders.lock().drain(..) {
            fail(&sender.thread, Error::PartnerGone);
        }
    }
}

/// Ends the calls that wait at an object through a capability that is no longer there. The number
/// of a waiting thread's capability is still in its x0.
pub fn cancel_unauthorised(object: &Object) {
    let Object::Endpoint(endpoint) = object else { return };
    let (lost, kept) = endpoint
        .senders
        .lock()
        .drain(..)
        .partition(|sender: &Sender| is_unauthorised(&sender.thread));
    *endpoint.senders.lock() = kept;
    let senders: VecDeque<Sender> = lost;
    let (lost, kept) = endpoint.receivers.lock().drain(..).partition(is_unauthorised);
    *endpoint.receivers.lock() = kept;
    let receivers: VecDeque<Thread> = lost;
    for thread in senders.into_iter().map(|sender| sender.thread).chain(receivers) {
        fail(&thread, Error::Cancelled);
    }
}

fn is_unauthorised(thread: &Thread) -> bool {
    let number = thread.context.lock().x[0];
    thread.domain.capabilities.lock().find(number).is_err()
}

/// Makes a receiver go on; the one that receives just now is running already.
fn wake(receiver: &Thread) {
    if !receiver.is_running() {
        scheduler::make_ready(receiver);
    }
}

fn lookup(domain: &Domain, slot: u64, rights: u8) -> Result<Capability, Error> {
    domain.capabilities.lock().get(slot)?.require(rights)
}

/// May the domain grant what is in this slot?
fn check_grant(domain: &Domain, granted: Option<u64>) -> Result<(), Error> {
    match granted {
        Some(number) => lookup(domain, number & !slot::MOVE, rights::GRANT).map(|_| ()),
        None => Ok(()),
    }
}
