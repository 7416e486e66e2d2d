//! Frames: pages of memory as objects, which several spaces may share.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::{Deref, Range};
use core::sync::atomic::{AtomicUsize, Ordering};

use bramble_abi::{Error, limit};

use crate::account::Count;
use crate::arch::table::Access;
use crate::capability::Origin;
use crate::domain::{self, Domain};
use crate::identifier::{DomainId, FrameId, SpaceId};
use crate::memory::{self, PAGE};
use crate::space::{self, Space};
use crate::sync::Mutex;

pub static FRAME_MAP: Mutex<BTreeMap<FrameId, Frame>> = Mutex::new(BTreeMap::new());

static NEXT_ID: AtomicUsize = AtomicUsize::new(1);

#[derive(Clone)]
pub struct Frame(Arc<FrameBlock>);

pub struct FrameBlock {
    pub id: FrameId,
    /// The domain that made it, and pays for it.
    pub owner: DomainId,
    /// Physical address.
    pub address: usize,
    pub pages: usize,
    /// Capabilities for it.
    pub holders: Count,
    pub mappings: Mutex<Vec<Mapping>>,
}

/// A place where a frame is mapped.
#[derive(Clone, Copy, Debug)]
pub struct Mapping {
    pub space: SpaceId,
    pub address: u64,
    /// The capability that it was mapped through, and falls with.
    pub through: Origin,
}

impl Deref for Frame {
    type Target = FrameBlock;

    fn deref(&self) -> &FrameBlock {
        &self.0
    }
}

/// Zeroed pages that belong to `owner`.
pub fn create(owner: &Domain, pages: usize) -> Result<Frame, Error> {
    if !(1..=limit::FRAME_PAGES).contains(&pages) {
        return Err(Error::InvalidArgument);
    }
    if owner.account.frames.get() >= limit::FRAMES {
        return Err(Error::TableFull);
    }
    let frame = Frame(Arc::new(FrameBlock {
        id: FrameId(NEXT_ID.fetch_add(1, Ordering::Relaxed)),
        owner: owner.id,
        address: memory::allocate(owner.id, pages)?,
        pages,
        holders: Count::default(),
        mappings: Mutex::new(Vec::new()),
    }));
    owner.account.frames.add(1);
    owner.account.pages.add(pages);
    FRAME_MAP.lock().insert(frame.id, frame.clone());
    Ok(frame)
}

impl FrameBlock {
    /// Maps it where the space has room; the address.
    pub fn map(&self, space: &Space, access: Access, through: Origin) -> Result<u64, Error> {
        memory::require_reserve()?;
        let mut mappings = self.mappings.lock();
        mappings.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        let address = space.map_frame(self.address, self.pages, access)?;
        mappings.push(Mapping { space: space.id, address, through });
        Ok(address)
    }

    pub fn unmap(&self, space: &Space, address: u64) -> Result<(), Error> {
        let mut mappings = self.mappings.lock();
        let here = |it: &Mapping| it.space == space.id && it.address == address;
        let place = mappings.iter().position(here).ok_or(Error::InvalidArgument)?;
        mappings.swap_remove(place);
        space.unmap_frame(self.range(address));
        Ok(())
    }

    /// Unmaps what was mapped through a capability that has gone.
    pub fn unmap_all_through(&self, place: Origin) {
        self.mappings.lock().retain(|mapping| {
            let falls = mapping.through == place;
            if let Some(space) = space::find(mapping.space).filter(|_| falls) {
                space.unmap_frame(self.range(mapping.address));
            }
            !falls
        });
    }

    /// The capability at `old` is now at `new`.
    pub fn moved(&self, old: Origin, new: Origin) {
        for mapping in self.mappings.lock().iter_mut().filter(|it| it.through == old) {
            mapping.through = new;
        }
    }

    /// The last capability has gone, and the last mapping with it.
    pub fn destroy(&self) {
        assert!(self.mappings.lock().is_empty(), "a frame is freed while it is mapped");
        FRAME_MAP.lock().remove(&self.id);
        memory::free(self.address, self.pages);
        if let Some(owner) = domain::find(self.owner) {
            owner.account.frames.remove(1);
            owner.account.pages.remove(self.pages);
        }
    }

    fn range(&self, address: u64) -> Range<u64> {
        address..address + (self.pages * PAGE) as u64
    }
}
