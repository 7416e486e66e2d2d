//! Messages, and the capabilities they go through.

use crate::syscall::{error, numbers};
use crate::thread::Thread;
use bramble_abi::{Call, Error, ObjectKind};

/// A place in this domain's capability table. Holding a number is no authority: the kernel looks
/// into the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(u64);

/// What a capability leads to, and what it is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    pub kind: ObjectKind,
    /// The number of the object among those of its kind.
    pub object: u64,
    /// A mask of `rights`.
    pub rights: u8,
    pub badge: u64,
}

/// Label, three words, and perhaps a capability.
#[derive(Clone, Copy, Debug, Default)]
pub struct Message {
    pub label: u64,
    pub words: [u64; 3],
    pub grant: Option<Slot>,
}

/// A message that was received, and whom from.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// What the sender's capability was minted with; senders cannot choose it.
    pub badge: u64,
    pub message: Message,
    /// The sending thread.
    pub sender: u64,
}

/// What a server answers: three words, and perhaps a capability.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reply {
    pub words: [u64; 3],
    pub grant: Option<Slot>,
}

impl Slot {
    pub const CONSOLE: Slot = Slot(bramble_abi::slot::CONSOLE);
    pub const OWN: Slot = Slot(bramble_abi::slot::OWN);
    pub const NAME: Slot = Slot(bramble_abi::slot::NAME);
    pub const LOG: Slot = Slot(bramble_abi::slot::LOG);
    pub const THREAD: Slot = Slot(bramble_abi::slot::THREAD);
    pub const IRQ: Slot = Slot(bramble_abi::slot::IRQ);

    /// The slot with this number, as a system call or another thread of the domain has told.
    pub fn from_number(number: u64) -> Slot {
        Slot(number)
    }

    /// A new endpoint for calls, owned by this domain.
    pub fn create_endpoint() -> Result<Slot, Error> {
        numbers(Call::EndpointCreate, [0]).map(|results| Slot(results[0]).taken())
    }

    /// A new queue, owned by this domain.
    pub fn create_queue(capacity: u64) -> Result<Slot, Error> {
        match capacity {
            0 => Err(Error::InvalidArgument),
            _ => numbers(Call::EndpointCreate, [capacity]).map(|results| Slot(results[0]).taken()),
        }
    }

    pub fn number(self) -> u64 {
        self.0
    }

    /// Makes the capability part of the service's state. What a request has taken and not kept is
    /// deleted if the request fails.
    #[must_use]
    pub fn keep(self) -> Slot {
        if let Some(thread) = Thread::current() {
            thread.ledger.strike_capability(self);
        }
        self
    }

    /// A capability that has just been taken.
    pub(crate) fn taken(self) -> Slot {
        if let Some(thread) = Thread::current().filter(|thread| thread.is_serving()) {
            thread.ledger.enter_capability(self);
        }
        self
    }

    /// As in messages: 0 is no slot.
    fn encode(slot: Option<Slot>) -> u64 {
        slot.map_or(0, |slot| slot.0 + 1)
    }

    fn decode(number: u64) -> Option<Slot> {
        number.checked_sub(1).map(Slot)
    }

    /// Sends a message and waits for the reply. A server that refuses replies with the number of
    /// an error as label.
    pub fn call(self, message: &Message) -> Result<Message, Error> {
        self.call_within(message, 0)
    }

    /// As `call`, but waits no longer than `patience` nanoseconds (0: for ever). The server may
    /// still do what it was asked for.
    pub fn call_within(self, message: &Message, patience: u64) -> Result<Message, Error> {
        let [w0, w1, w2] = message.words;
        let grant = Slot::encode(message.grant);
        let results = numbers(Call::Call, [self.0, message.label, w0, w1, w2, grant, patience])?;
        let [label, w0, w1, w2, grant, ..] = results;
        match label {
            0 => {
                let grant = Slot::decode(grant).map(Slot::taken);
                Ok(Message { label, words: [w0, w1, w2], grant })
            }
            refusal => Err(error(refusal)),
        }
    }

    /// Waits for a caller.
    pub fn receive(self) -> Result<Request, Error> {
        self.receive_within(0)
    }

    /// As `receive`, but waits no longer than `patience` nanoseconds (0: for ever).
    pub fn receive_within(self, patience: u64) -> Result<Request, Error> {
        numbers(Call::Receive, [self.0, patience]).map(Request::new)
    }

    /// Answers the caller being served and waits for the next one.
    pub fn reply_receive(self, answer: &Result<Reply, Error>) -> Result<Request, Error> {
        numbers(Call::ReplyReceive, answer_registers(self.0, answer)).map(Request::new)
    }

    /// Puts a message into a queue, without waiting.
    pub fn send(self, label: u64, words: [u64; 3]) -> Result<(), Error> {
        numbers(Call::Send, [self.0, label, words[0], words[1], words[2]]).map(drop)
    }

    /// Takes the oldest message from a queue; waits while it is empty.
    pub fn queue_receive(self) -> Result<Request, Error> {
        self.queue_receive_within(0)
    }

    /// As `queue_receive`, but waits no longer than `patience` nanoseconds (0: for ever).
    pub fn queue_receive_within(self, patience: u64) -> Result<Request, Error> {
        numbers(Call::QueueReceive, [self.0, patience]).map(Request::new)
    }

    /// Derives a capability with at most `rights`; badge 0 keeps the badge.
    pub fn mint(self, rights: u8, badge: u64) -> Result<Slot, Error> {
        let results = numbers(Call::Mint, [self.0, u64::from(rights), badge])?;
        Ok(Slot(results[0]).taken())
    }

    /// Takes back everything that was derived from this capability; how many there were.
    pub fn revoke(self) -> Result<u64, Error> {
        numbers(Call::Revoke, [self.0]).map(|results| results[0])
    }

    /// Another capability like this one, derived from it.
    pub fn copy(self) -> Result<Slot, Error> {
        numbers(Call::Copy, [self.0]).map(|results| Slot(results[0]).taken())
    }

    /// The same capability under a new number; the old one is stale. The service keeps it.
    pub fn relocate(self) -> Result<Slot, Error> {
        let results = numbers(Call::Move, [self.0])?;
        let _ = self.keep();
        Ok(Slot(results[0]))
    }

    /// For a message's grant: the capability itself goes to the receiver, not a derived one.
    pub fn moving(self) -> Slot {
        Slot(self.keep().0 | bramble_abi::slot::MOVE)
    }

    /// What the capability is.
    pub fn identify(self) -> Result<Identity, Error> {
        let [kind, object, rights, badge, ..] = numbers(Call::Identify, [self.0])?;
        let kind = ObjectKind::from_number(kind).ok_or(Error::InvalidArgument)?;
        Ok(Identity { kind, object, rights: rights as u8, badge })
    }

    pub fn delete(self) -> Result<(), Error> {
        numbers(Call::Delete, [self.0])?;
        let _ = self.keep();
        Ok(())
    }
}

/// Answers the caller being served: `PartnerGone` if it waits no more.
pub fn reply(answer: &Result<Reply, Error>) -> Result<(), Error> {
    numbers(Call::Reply, answer_registers(0, answer)).map(drop)
}

/// x0..x5 of a reply; the endpoint is for what follows it.
fn answer_registers(endpoint: u64, answer: &Result<Reply, Error>) -> [u64; 6] {
    let (label, reply) = match answer {
        Ok(reply) => (0, *reply),
        Err(error) => (*error as u64, Reply::default()),
    };
    let [w0, w1, w2] = reply.words;
    [endpoint, label, w0, w1, w2, Slot::encode(reply.grant)]
}

impl Message {
    pub fn new(label: u64, words: [u64; 3]) -> Message {
        Message { label, words, grant: None }
    }
}

impl Reply {
    pub fn new(words: [u64; 3]) -> Reply {
        Reply { words, grant: None }
    }
}

impl Request {
    fn new([badge, label, w0, w1, w2, grant, sender]: [u64; 7]) -> Request {
        let message = Message { label, words: [w0, w1, w2], grant: Slot::decode(grant) };
        Request { badge, message, sender }
    }
}
