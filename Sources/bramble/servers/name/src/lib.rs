//! The name server.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::collections::BTreeMap;
use alloc::format;
use bramble_runtime::ipc::{Reply, Request, Slot};
use bramble_runtime::protocol::Word;
use bramble_runtime::protocol::name::{LOOKUP, REGISTER};
use bramble_runtime::serve::{Service, serve};
use bramble_runtime::{Error, Mutex, println, rights};

/// A server that can be asked for.
struct Registration {
    /// As the server granted it.
    endpoint: Slot,
    /// What was minted from it, by the badge of the client it was minted for.
    leases: BTreeMap<u64, Slot>,
}

static REGISTRY: Mutex<BTreeMap<Word, Registration>> = Mutex::new(BTreeMap::new());

struct NameServer;

pub fn run() {
    println!("server started");
    serve(&NameServer)
}

impl Service for NameServer {
    fn serve(&self, request: &Request) -> Result<Reply, Error> {
        let name = Word(request.message.words[0]);
        match request.message.label {
            REGISTER => register(name, request.message.grant.ok_or(Error::InvalidSlot)?),
            LOOKUP => resolve(name, request.badge),
            _ => Err(Error::InvalidArgument),
        }
    }
}

/// Whoever comes first has the name.
fn register(name: Word, endpoint: Slot) -> Result<Reply, Error> {
    let mut registry = REGISTRY.lock();
    if registry.contains_key(&name) {
        endpoint.delete()?;
        return Err(Error::InvalidArgument);
    }
    let line = format!("{name} registered");
    let endpoint = endpoint.keep();
    registry.insert(name, Registration { endpoint, leases: BTreeMap::new() });
    println!("{line}");
    Ok(Reply::default())
}

/// Grants a capability that carries the badge of its client, so that a server knows whom it serves.
/// A client that asks again gets the same one.
fn resolve(name: Word, client: u64) -> Result<Reply, Error> {
    let mut registry = REGISTRY.lock();
    let registration = registry.get_mut(&name).ok_or(Error::InvalidArgument)?;
    let lease = match registration.leases.get(&client) {
        Some(&lease) => lease,
        None => {
            let lease = registration.endpoint.mint(rights::SEND | rights::GRANT, client)?.keep();
            registration.leases.insert(client, lease);
            lease
        }
    };
    Ok(Reply { words: [0; 3], grant: Some(lease) })
}
