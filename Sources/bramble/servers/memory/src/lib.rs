//! The memory server: gives out frames, and takes them back: when their owner says so, or has died.
//! What a frame is given away by is derived from the capability that stays here, so that one
//! revocation takes it from everybody.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use bramble_runtime::inspect::{Table, inspect};
use bramble_runtime::ipc::{Reply, Request};
use bramble_runtime::memory::Frame;
use bramble_runtime::protocol::memory::{
    ALLOCATE, NAME, QUOTA, RELEASE, SHARE, STATUS, TAKE, rights_to,
};
use bramble_runtime::protocol::name;
use bramble_runtime::serve::{Service, serve};
use bramble_runtime::{Error, Mutex, println};

/// What somebody has allocated.
struct Allocation {
    /// The domain that asked for it.
    owner: u64,
    pages: u64,
    frame: Frame,
    /// Domains that may take it too, and whether they may write.
    partners: Vec<(u64, bool)>,
}

struct Allocations {
    by_handle: BTreeMap<u64, Allocation>,
    next_handle: u64,
}

static ALLOCATIONS: Mutex<Allocations> =
    Mutex::new(Allocations { by_handle: BTreeMap::new(), next_handle: 1 });

struct MemoryServer;

pub fn run() {
    println!("server started");
    if let Err(error) = name::register(NAME) {
        println!("not registered: {error:?}");
    }
    serve(&MemoryServer)
}

impl Service for MemoryServer {
    fn serve(&self, request: &Request) -> Result<Reply, Error> {
        let [first, second, third] = request.message.words;
        let client = request.badge;
        match request.message.label {
            ALLOCATE => allocate(client, first),
            SHARE => share(client, first, (second, third != 0)),
            TAKE => take(client, first),
            RELEASE => release(client, first),
            STATUS => status(client),
            _ => Err(Error::InvalidArgument),
        }
    }

    /// What a request takes and has not kept goes with it; giving twice would be giving too much.
    fn is_repeatable(&self, request: &Request) -> bool {
        request.message.label == STATUS
    }
}

fn allocate(client: u64, pages: u64) -> Result<Reply, Error> {
    let mut allocations = ALLOCATIONS.lock();
    allocations.reclaim();
    let page_count = usize::try_from(pages).map_err(|_| Error::InvalidArgument)?;
    if allocations.pages_of(client).saturating_add(pages) > QUOTA {
        return Err(Error::StorageFull);
    }
    let frame = Frame::create(page_count)?;
    let lease = frame.slot.mint(rights_to(true), client)?;
    let handle = allocations.next_handle;
    let _ = frame.slot.keep();
    let allocation = Allocation { owner: client, pages, frame, partners: Vec::new() };
    allocations.by_handle.insert(handle, allocation);
    allocations.next_handle += 1;
    Ok(Reply { words: [handle, 0, 0], grant: Some(lease) })
}

fn share(client: u64, handle: u64, partner: (u64, bool)) -> Result<Reply, Error> {
    let mut allocations = ALLOCATIONS.lock();
    let partners = &mut allocations.of_owner(client, handle)?.partners;
    partners.retain(|(domain, _)| *domain != partner.0);
    partners.push(partner);
    Ok(Reply::default())
}

fn take(client: u64, handle: u64) -> Result<Reply, Error> {
    let allocations = ALLOCATIONS.lock();
    let allocation = allocations.by_handle.get(&handle).ok_or(Error::NotFound)?;
    let partner = allocation.partners.iter().find(|(domain, _)| *domain == client);
    let (_, writable) = partner.ok_or(Error::NotFound)?;
    let lease = allocation.frame.slot.mint(rights_to(*writable), client)?;
    Ok(Reply { words: [allocation.pages, 0, 0], grant: Some(lease) })
}

fn release(client: u64, handle: u64) -> Result<Reply, Error> {
    let mut allocations = ALLOCATIONS.lock();
    allocations.of_owner(client, handle)?;
    allocations.free(handle);
    Ok(Reply::default())
}

fn status(client: u64) -> Result<Reply, Error> {
    let mut allocations = ALLOCATIONS.lock();
    allocations.reclaim();
    let owned = allocations.by_handle.values().filter(|allocation| allocation.owner == client);
    let frames = owned.count() as u64;
    let all = allocations.by_handle.values().map(|allocation| allocation.pages).sum();
    Ok(Reply::new([frames, allocations.pages_of(client), all]))
}

/// The badge of a client is its domain.
fn is_alive(client: u64) -> bool {
    match inspect(Table::Domains, client) {
        Ok(Some(domain)) => domain.id == client && domain.words[0] == 1,
        _ => true,
    }
}

impl Allocations {
    fn pages_of(&self, client: u64) -> u64 {
        let owned = self.by_handle.values().filter(|allocation| allocation.owner == client);
        owned.map(|allocation| allocation.pages).sum()
    }

    fn of_owner(&mut self, client: u64, handle: u64) -> Result<&mut Allocation, Error> {
        let allocation = self.by_handle.get_mut(&handle);
        allocation.filter(|allocation| allocation.owner == client).ok_or(Error::NotFound)
    }

    /// The pages go back to the kernel with the last capability for them.
    fn free(&mut self, handle: u64) {
        if let Some(allocation) = self.by_handle.remove(&handle) {
            let slot = allocation.frame.slot;
            // The slot is this server's own: nobody else can have emptied it.
            let _ = slot.revoke().and_then(|_| slot.delete());
        }
    }

    /// Takes back what dead clients have left.
    fn reclaim(&mut self) {
        let left = |allocation: &Allocation| !is_alive(allocation.owner);
        let dead = self.by_handle.iter().filter(|(_, allocation)| left(allocation));
        let handles: Vec<u64> = dead.map(|(handle, _)| *handle).collect();
        for handle in handles {
            self.free(handle);
        }
    }
}
