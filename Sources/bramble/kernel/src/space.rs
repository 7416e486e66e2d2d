//! Address spaces at EL0.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::ops::{Deref, Range};
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use bramble_abi::{Error, layout, limit};

use crate::arch;
use crate::arch::table::{self, Access};
use crate::domain::Domain;
use crate::identifier::{DomainId, SpaceId};
use crate::memory::{self, PAGE};
use crate::sync::Mutex;

/// Spaces from 1 up; space 0, the kernel's own, is no object.
pub static SPACE_MAP: Mutex<BTreeMap<SpaceId, Space>> = Mutex::new(BTreeMap::new());

#[derive(Clone)]
pub struct Space(Arc<SpaceBlock>);

pub struct SpaceBlock {
    pub id: SpaceId,
    /// Physical address of the translation table (TTBR0).
    pub root: usize,
    /// The domain it was made for; `None` for the space that all servers share.
    pub owner: Mutex<Option<DomainId>>,
    /// Pages mapped at EL0.
    pub pages: AtomicUsize,
    /// Where the next MemoryGrow maps.
    heap_end: AtomicU64,
    /// Where the next FrameMap maps.
    frame_end: AtomicU64,
    /// Where the next stack ends.
    stack_end: AtomicU64,
}

impl Deref for Space {
    type Target = SpaceBlock;

    fn deref(&self) -> &SpaceBlock {
        &self.0
    }
}

pub fn create() -> Result<Space, Error> {
    let mut map = SPACE_MAP.lock();
    let id = SpaceId(map.len() + 1);
    let space = Space(Arc::new(SpaceBlock {
        id,
        root: memory::allocate_table().ok_or(Error::OutOfMemory)?,
        owner: Mutex::new(None),
        pages: AtomicUsize::new(0),
        heap_end: AtomicU64::new(layout::HEAP_BASE),
        frame_end: AtomicU64::new(layout::FRAME_BASE),
        stack_end: AtomicU64::new(layout::STACK_TOP),
    }));
    map.insert(id, space.clone());
    Ok(space)
}

pub fn find(id: SpaceId) -> Option<Space> {
    SPACE_MAP.lock().get(&id).cloned()
}

impl SpaceBlock {
    /// Maps fresh zeroed pages that belong to `owner`: all of them, or none on error.
    pub fn map_fresh(
        &self,
        owner: &Domain,
        range: Range<u64>,
        access: Access,
    ) -> Result<(), Error> {
        for address in range.clone().step_by(PAGE) {
            if let Err(error) = self.map_fresh_page(owner, address, access) {
                self.unmap_fresh(owner, range.start..address);
                return Err(error);
            }
        }
        arch::synchronise_tables();
        Ok(())
    }

    fn map_fresh_page(&self, owner: &Domain, address: u64, access: Access) -> Result<(), Error> {
        let page = memory::allocate(owner.id, 1)?;
        if let Err(error) = self.map_page(address, page, access) {
            memory::free(page, 1);
            return Err(error);
        }
        owner.account.pages.add(1);
        Ok(())
    }

    /// Takes back what `map_fresh` has mapped.
    fn unmap_fresh(&self, owner: &Domain, range: Range<u64>) {
        for address in range.step_by(PAGE) {
            if let Some(page) = self.unmap_page(address) {
                memory::free(page, 1);
                owner.account.pages.remove(1);
            }
        }
    }

    /// Maps one page, whoever it belongs to. `arch::synchronise_tables` makes it visible.
    pub fn map_page(&self, address: u64, page: usize, access: Access) -> Result<(), Error> {
        table::map(self.root, address, page, access, memory::allocate_table)
            .ok_or(Error::OutOfMemory)?;
        self.pages.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Unmaps one page; what was mapped there, by physical address.
    pub fn unmap_page(&self, address: u64) -> Option<usize> {
        let page = table::unmap(self.root, address)?;
        arch::forget_translation(address);
        self.pages.fetch_sub(1, Ordering::Relaxed);
        Some(page)
    }

    /// A stack with an unmapped page below it.
    pub fn add_stack(&self, owner: &Domain) -> Result<Range<u64>, Error> {
        let end = self.stack_end.fetch_sub(layout::STACK_SIZE + PAGE as u64, Ordering::Relaxed);
        let stack = end - layout::STACK_SIZE..end;
        self.map_fresh(owner, stack.clone(), Access::Write)?;
        Ok(stack)
    }

    /// Address of `bytes` fresh bytes that belong to `owner`.
    pub fn grow(&self, owner: &Domain, bytes: u64) -> Result<u64, Error> {
        if bytes == 0 || !bytes.is_multiple_of(PAGE as u64) {
            return Err(Error::InvalidArgument);
        }
        self.require_room(bytes / PAGE as u64)?;
        let start = self.heap_end.load(Ordering::Relaxed);
        self.map_fresh(owner, start..start + bytes, Access::Write)?;
        self.heap_end.store(start + bytes, Ordering::Relaxed);
        Ok(start)
    }

    /// Maps pages that belong to a frame; their address.
    pub fn map_frame(&self, page: usize, pages: usize, access: Access) -> Result<u64, Error> {
        self.require_room(pages as u64)?;
        let size = (pages * PAGE) as u64;
        let start = self.frame_end.load(Ordering::Relaxed);
        if start + size > layout::FRAME_END {
            return Err(Error::OutOfMemory);
        }
        for offset in (0..pages * PAGE).step_by(PAGE) {
            if let Err(error) = self.map_page(start + offset as u64, page + offset, access) {
                self.unmap_frame(start..start + offset as u64);
                return Err(error);
            }
        }
        self.frame_end.store(start + size, Ordering::Relaxed);
        arch::synchronise_tables();
        Ok(start)
    }

    /// Unmaps pages that belong to a frame.
    pub fn unmap_frame(&self, range: Range<u64>) {
        for address in range.step_by(PAGE) {
            self.unmap_page(address);
        }
    }

    /// May so many more pages be mapped?
    fn require_room(&self, pages: u64) -> Result<(), Error> {
        let mapped = self.pages.load(Ordering::Relaxed);
        match limit::SPACE_PAGES.saturating_sub(mapped) as u64 {
            room if room >= pages => Ok(()),
            _ => Err(Error::OutOfMemory),
        }
    }

    /// The aligned word at an address that EL0 may write, and change at any time.
    pub fn word(&self, address: u64) -> Result<&'static AtomicU64, Error> {
        if !address.is_multiple_of(size_of::<u64>() as u64) {
            return Err(Error::InvalidArgument);
        }
        let physical = table::translate(self.root, address, true).ok_or(Error::BadAddress)?;
        Ok(memory::word(physical))
    }

    /// Copies out of the space, as far as EL0 could read it itself.
    pub fn read(&self, address: u64, buffer: &mut [u8]) -> Result<(), Error> {
        self.visit(address, buffer.len(), false, |done, bytes| {
            buffer[done..done + bytes.len()].copy_from_slice(bytes);
        })
    }

    /// Copies into the space, as far as EL0 could write it itself.
    pub fn write(&self, address: u64, data: &[u8]) -> Result<(), Error> {
        self.visit(address, data.len(), true, |done, bytes| {
            bytes.copy_from_slice(&data[done..done + bytes.len()]);
        })
    }

    /// Shows `size` bytes page by page, each with how many came before it.
    fn visit(
        &self,
        address: u64,
        size: usize,
        write: bool,
        mut work: impl FnMut(usize, &mut [u8]),
    ) -> Result<(), Error> {
        let mut done = 0;
        while done < size {
            let at = address.checked_add(done as u64).ok_or(Error::BadAddress)?;
            let physical = table::translate(self.root, at, write).ok_or(Error::BadAddress)?;
            let offset = physical % PAGE;
            let count = (PAGE - offset).min(size - done);
            let page = memory::page_bytes(physical - offset);
            work(done, &mut page[offset..offset + count]);
            done += count;
        }
        Ok(())
    }

    /// Fills pages that the loader has mapped, whatever EL0 may do with them.
    pub fn load(&self, address: u64, data: &[u8]) -> Result<(), Error> {
        self.visit(address, data.len(), false, |done, bytes| {
            bytes.copy_from_slice(&data[done..done + bytes.len()]);
        })
    }
}
