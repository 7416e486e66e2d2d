//! Objects that EL0 has made at run time. What cannot be made leaves nothing behind.

use bramble_abi::{Error, limit, rights, slot};

use crate::capability::Object;
use crate::domain::Domain;
use crate::ipc::Kind;
use crate::thread::{self, Plan, Thread};
use crate::{derivation, frame, ipc, memory, notification, scheduler};

/// What `ThreadCreate` asks for.
pub struct ThreadRequest {
    /// The slot of the thread whose domain and space the new one shares.
    pub model: u64,
    pub entry: u64,
    pub stack_top: u64,
    pub stack_size: u64,
    pub arguments: [u64; 2],
    pub priority: u64,
}

/// Creates and starts a thread; its slot and number.
pub fn thread(creator: &Thread, request: &ThreadRequest) -> Result<(u64, u64), Error> {
    let model = creator.domain.capabilities.lock().get(request.model)?;
    let model = model.require(rights::CONTROL)?.thread()?;
    let space = model.space.clone().ok_or(Error::WrongObject)?;
    let domain = &model.domain;
    let stack_bottom = request.stack_top.checked_sub(request.stack_size);
    let stack = stack_bottom.ok_or(Error::BadAddress)?..request.stack_top;
    let priority = match u8::try_from(request.priority) {
        Ok(0) => model.priority,
        Ok(priority) if priority <= model.priority => priority,
        _ => return Err(Error::InvalidArgument),
    };
    if stack.is_empty() || !stack.end.is_multiple_of(16) {
        return Err(Error::InvalidArgument);
    }
    if !domain.is_alive() {
        return Err(Error::PartnerGone);
    }
    if domain.account.threads.get() >= limit::THREADS {
        return Err(Error::TableFull);
    }
    require_place(&creator.domain)?;
    let thread = thread::create(Plan {
        name: domain.name,
        domain: domain.clone(),
        space,
        priority,
        stack,
        entry: request.entry,
        arguments: request.arguments,
        parent: Some(creator.id),
    });
    let number = derivation::hold(&creator.domain, Object::Thread(thread.clone()))?;
    scheduler::make_ready(&thread);
    Ok((number, thread.id.0 as u64))
}

/// Creates an endpoint that the domain owns; its slot.
pub fn endpoint(domain: &Domain, capacity: u64) -> Result<u64, Error> {
    let kind = match usize::try_from(capacity) {
        Ok(0) => Kind::Rendezvous,
        Ok(capacity @ 1..=limit::QUEUE_CAPACITY) => Kind::Queue { capacity },
        _ => return Err(Error::InvalidArgument),
    };
    if domain.account.endpoints.get() >= limit::ENDPOINTS {
        return Err(Error::TableFull);
    }
    require_place(domain)?;
    let endpoint = ipc::create(domain.name, kind, domain);
    derivation::hold(domain, Object::Endpoint(endpoint))
}

/// Creates a notification that the domain owns; its slot.
pub fn notification(domain: &Domain) -> Result<u64, Error> {
    if domain.account.notifications.get() >= limit::NOTIFICATIONS {
        return Err(Error::TableFull);
    }
    require_place(domain)?;
    derivation::hold(domain, Object::Notification(notification::create(domain)))
}

/// Creates a frame that the domain pays for; its slot.
pub fn frame(domain: &Domain, pages: u64) -> Result<u64, Error> {
    let space = domain.capabilities.lock().get(slot::SPACE)?;
    space.require(rights::CONTROL)?.space()?;
    let pages = usize::try_from(pages).map_err(|_| Error::InvalidArgument)?;
    require_place(domain)?;
    let frame = frame::create(domain, pages)?;
    derivation::hold(domain, Object::Frame(frame))
}

/// Makes sure, before an object is made, that its capability will find room.
fn require_place(domain: &Domain) -> Result<(), Error> {
    memory::require_reserve()?;
    domain.capabilities.lock().prepare_place()
}
