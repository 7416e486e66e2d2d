//! Endpoints: calls that wait for a reply, and queues whose senders do not wait.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Deref;
use core::sync::atomic::{AtomicUsize, Ordering};

use bramble_abi::{Error, rights, slot};

use crate::account::Count;
use crate::capability::Capability;
use crate::derivation;
use crate::domain::{self, Domain};
use crate::identifier::{DomainId, EndpointId, Tid};
use crate::queue::{Queue, Queued};
use crate::sync::Mutex;
use crate::thread::{self, Thread, Wait};
use crate::trace::{self, Channel, IpcKind};
use crate::{irq, notification, timeouts, user_lock, wait};

pub static ENDPOINT_MAP: Mutex<BTreeMap<EndpointId, Endpoint>> = Mutex::new(BTreeMap::new());

static NEXT_ID: AtomicUsize = AtomicUsize::new(1);

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
    /// Capabilities for it.
    pub holders: Count,
    /// Callers that no server thread has taken yet.
    pub senders: Mutex<Queue<Sender>>,
    /// Server threads that wait for work.
    pub receivers: Mutex<Queue<Thread>>,
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

impl Queued for Sender {
    fn thread(&self) -> &Thread {
        &self.thread
    }
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
    let id = EndpointId(NEXT_ID.fetch_add(1, Ordering::Relaxed));
    let endpoint = Endpoint(Arc::new(EndpointBlock {
        id,
        name,
        kind,
        owner: owner.id,
        holders: Count::default(),
        senders: Mutex::new(Queue::new()),
        receivers: Mutex::new(Queue::new()),
        messages: Mutex::new(VecDeque::new()),
    }));
    ENDPOINT_MAP.lock().insert(id, endpoint.clone());
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

/// Calls a server and waits for its reply, no longer than `patience` nanoseconds (0: for ever).
pub fn call(caller: &Thread, slot: u64, payload: Payload, patience: u64) -> Result<(), Error> {
    let (endpoint, badge) = lookup(&caller.domain, slot, rights::SEND)?.endpoint()?;
    if endpoint.kind != Kind::Rendezvous {
        return Err(Error::WrongObject);
    }
    if !endpoint.is_served() {
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
    let receiver = endpoint.receivers.lock().pop();
    let taker = receiver.as_ref().map(|server| server.id);
    endpoint.note(IpcKind::Call, &message, taker);
    match receiver {
        Some(server) => hand_over(&endpoint, &server, caller, &message),
        None => {
            caller.block(Wait::Send(endpoint.clone()));
            endpoint.senders.lock().push(Sender { thread: caller.clone(), message });
        }
    }
    timeouts::limit(caller, patience);
    Ok(())
}

/// Takes the next call, or waits for one.
pub fn receive(server: &Thread, slot: u64, patience: u64) -> Result<(), Error> {
    let (endpoint, _) = lookup(&server.domain, slot, rights::RECEIVE)?.endpoint()?;
    if endpoint.kind != Kind::Rendezvous {
        return Err(Error::WrongObject);
    }
    give_up_served(server, Error::ServerFault);
    let sender = endpoint.senders.lock().pop();
    match sender {
        Some(Sender { thread: caller, message }) => {
            hand_over(&endpoint, server, &caller, &message);
        }
        None => {
            server.block(Wait::Receive(endpoint.clone()));
            endpoint.receivers.lock().push(server.clone());
            timeouts::limit(server, patience);
        }
    }
    Ok(())
}

/// Gives a call to the server thread that takes it; the caller now waits for its reply.
fn hand_over(endpoint: &Endpoint, server: &Thread, caller: &Thread, message: &Message) {
    *server.serving.lock() = Some(caller.id);
    caller.block(Wait::Reply { server: server.id });
    deliver(endpoint, server, Some(caller), message);
}

/// Ends the receiver's system call with a message.
fn deliver(endpoint: &Endpoint, receiver: &Thread, sender: Option<&Thread>, message: &Message) {
    endpoint.note(IpcKind::Receive, message, Some(receiver.id));
    let granted = sender
        .and_then(|sender| derivation::grant(&sender.domain, &receiver.domain, message.grant));
    let [first, second, third] = message.words;
    let sender = message.sender.0 as u64;
    let granted = granted.map_or(0, |number| number + 1);
    let results = [0, message.badge, message.label, first, second, third, granted, sender];
    if receiver.is_running() {
        // It receives just now, and has not waited at all.
        receiver.finish(&results);
    } else {
        wait::wake(receiver, &results);
    }
}

/// Answers the call that the server is serving.
pub fn reply(server: &Thread, payload: Payload) -> Result<(), Error> {
    check_grant(&server.domain, payload.grant)?;
    let caller = take_served(server).ok_or(Error::PartnerGone)?;
    let parties = (Some(server.id), Some(caller.id));
    trace::ipc(IpcKind::Reply, parties, Channel::Direct, (payload.label, 0));
    let granted = derivation::grant(&server.domain, &caller.domain, payload.grant);
    let [first, second, third] = payload.words;
    let granted = granted.map_or(0, |number| number + 1);
    wait::wake(&caller, &[0, payload.label, first, second, third, granted]);
    Ok(())
}

/// Answers, then takes the next call. That the caller has gone is no reason to stop serving.
pub fn reply_receive(
    server: &Thread,
    slot: u64,
    payload: Payload,
    patience: u64,
) -> Result<(), Error> {
    match reply(server, payload) {
        Ok(()) | Err(Error::PartnerGone) => receive(server, slot, patience),
        error => error,
    }
}

/// Ends the call that the server is serving without an answer.
pub fn give_up_served(server: &Thread, error: Error) {
    if let Some(caller) = take_served(server) {
        wait::end(&caller, error);
    }
}

/// A server thread serves one call at a time, and a caller that stops waiting is forgotten at
/// once (`wait::withdraw`): an answer never ends a later call of the same caller.
fn take_served(server: &Thread) -> Option<Thread> {
    let caller = server.serving.lock().take()?;
    thread::find(caller).filter(|caller| caller.awaits_reply_of(server.id))
}

/// Puts a message into a queue.
pub fn send(sender: &Thread, slot: u64, payload: Payload) -> Result<(), Error> {
    let (endpoint, badge) = lookup(&sender.domain, slot, rights::SEND)?.endpoint()?;
    let Kind::Queue { capacity } = endpoint.kind else {
        return Err(Error::WrongObject);
    };
    if !endpoint.is_served() {
        return Err(Error::PartnerGone);
    }
    let Payload { label, words, .. } = payload;
    let message = Message { sender: sender.id, badge, label, words, grant: None };
    let receiver = endpoint.receivers.lock().pop();
    if receiver.is_none() && endpoint.messages.lock().len() == capacity {
        return Err(Error::QueueFull);
    }
    endpoint.note(IpcKind::Send, &message, receiver.as_ref().map(|receiver| receiver.id));
    match receiver {
        Some(receiver) => deliver(&endpoint, &receiver, None, &message),
        None => endpoint.messages.lock().push_back(message),
    }
    sender.finish(&[0]);
    Ok(())
}

/// Takes the next message of a queue, or waits for one.
pub fn queue_receive(receiver: &Thread, slot: u64, patience: u64) -> Result<(), Error> {
    let (endpoint, _) = lookup(&receiver.domain, slot, rights::RECEIVE)?.endpoint()?;
    if endpoint.kind == Kind::Rendezvous {
        return Err(Error::WrongObject);
    }
    let message = endpoint.messages.lock().pop_front();
    match message {
        Some(message) => deliver(&endpoint, receiver, None, &message),
        None => {
            receiver.block(Wait::Queue(endpoint.clone()));
            endpoint.receivers.lock().push(receiver.clone());
            timeouts::limit(receiver, patience);
        }
    }
    Ok(())
}

/// Tells everybody who waits for a thread that has died.
pub fn forget(dead: &Thread) {
    give_up_served(dead, Error::PartnerGone);
    user_lock::forget(dead);
    if dead.domain.is_alive() {
        return;
    }
    notification::forget(dead.domain.id);
    irq::forget(dead.domain.id);
    let owned = |endpoint: &&Endpoint| endpoint.owner == dead.domain.id;
    for endpoint in ENDPOINT_MAP.lock().values().filter(owned) {
        endpoint.abandon();
    }
}

impl EndpointBlock {
    fn is_served(&self) -> bool {
        domain::find(self.owner).is_some_and(|owner| owner.is_alive())
    }

    /// The last capability has gone: nobody can reach it.
    pub fn destroy(&self) {
        self.abandon();
        ENDPOINT_MAP.lock().remove(&self.id);
        if let Some(owner) = domain::find(self.owner) {
            owner.account.endpoints.remove(1);
        }
    }

    /// The owner has died: nobody will answer, and what lies in the queue is for nobody.
    fn abandon(&self) {
        for thread in self.waiting() {
            wait::end(&thread, Error::PartnerGone);
        }
        for message in self.messages.lock().drain(..) {
            self.note(IpcKind::Cancel, &message, None);
        }
    }

    /// Ends the waits here of all whose capability is no longer where they said. A call that a
    /// server has taken already is answered.
    pub fn cancel_unauthorised(&self) {
        for thread in self.waiting().iter().filter(|thread| wait::is_unauthorised(thread)) {
            wait::end(thread, Error::Cancelled);
        }
    }

    /// Everybody in its queues, senders first.
    fn waiting(&self) -> Vec<Thread> {
        let senders = self.senders.lock();
        let receivers = self.receivers.lock();
        senders.iter().map(Queued::thread).chain(receivers.iter()).cloned().collect()
    }

    fn note(&self, kind: IpcKind, message: &Message, receiver: Option<Tid>) {
        let parties = (Some(message.sender), receiver);
        trace::ipc(kind, parties, Channel::Endpoint(self.id), (message.label, message.badge));
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
