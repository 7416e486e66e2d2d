//! Physical memory: who owns each page, and the linear map through which the kernel sees them.

use core::slice;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use bramble_abi::Error;

use crate::arch;
pub use crate::arch::address::{LINEAR, PAGE};
use crate::arch::board::RAM;
use crate::identifier::DomainId;
use crate::sync::Mutex;

/// More RAM than this stays unused: 1 GiB.
const MOST_PAGES: usize = (1 << 30) / PAGE;
/// Pages that only the kernel may take, so that what it needs for the next system call is there.
const RESERVE: usize = (4 << 20) / PAGE;

/// Physical address of the kernel's translation table (TTBR1).
pub static KERNEL_ROOT: AtomicUsize = AtomicUsize::new(0);

pub static PAGES: Mutex<Pages> =
    Mutex::new(Pages { owners: [Owner::FREE; MOST_PAGES], count: 0, free: 0, next: 0 });

/// Translation tables of all spaces, in pages. They belong to the kernel.
pub static TABLES: AtomicUsize = AtomicUsize::new(0);

pub struct Pages {
    /// Of each page of RAM, from its beginning.
    owners: [Owner; MOST_PAGES],
    /// How many pages there are.
    pub count: usize,
    pub free: usize,
    /// Where the search for free pages goes on.
    next: usize,
}

/// Who has a page: nobody (0), the kernel's image and what lies before it (1), domain n (n + 2).
#[derive(Clone, Copy, PartialEq, Eq)]
struct Owner(u16);

impl Owner {
    const FREE: Owner = Owner(0);
    const IMAGE: Owner = Owner(1);

    fn domain(id: DomainId) -> Owner {
        Owner(id.0 as u16 + 2)
    }
}

unsafe extern "C" {
    static __kernel_end: u8;
}

pub fn initialise(end: usize) {
    let kernel_end = (&raw const __kernel_end).addr() - LINEAR;
    let used = (kernel_end - RAM).div_ceil(PAGE);
    let mut pages = PAGES.lock();
    pages.count = ((end - RAM) / PAGE).min(MOST_PAGES);
    pages.owners[..used].fill(Owner::IMAGE);
    pages.free = pages.count - used;
    pages.next = used;
    KERNEL_ROOT.store(arch::kernel_root(), Ordering::Relaxed);
}

pub fn mebibytes() -> usize {
    PAGES.lock().count * PAGE >> 20
}

/// Zeroed pages in a row, by physical address.
pub fn allocate(owner: DomainId, count: usize) -> Result<usize, Error> {
    let mut pages = PAGES.lock();
    let reserve = if owner == DomainId(0) { 0 } else { RESERVE };
    if pages.free < count.saturating_add(reserve) {
        return Err(Error::OutOfMemory);
    }
    let first = pages.find_free(count).ok_or(Error::OutOfMemory)?;
    pages.owners[first..first + count].fill(Owner::domain(owner));
    pages.free -= count;
    pages.next = first + count;
    drop(pages);
    let address = RAM + first * PAGE;
    (0..count).for_each(|page| page_bytes(address + page * PAGE).fill(0));
    Ok(address)
}

/// A zeroed page for a translation table.
pub fn allocate_table() -> Option<usize> {
    let table = allocate(DomainId(0), 1).ok()?;
    TABLES.fetch_add(1, Ordering::Relaxed);
    Some(table)
}

/// Takes back what `allocate` has handed out.
pub fn free(address: usize, count: usize) {
    let first = (address - RAM) / PAGE;
    let mut pages = PAGES.lock();
    let freed = &mut pages.owners[first..first + count];
    assert!(freed.iter().all(|&owner| owner.0 > Owner::IMAGE.0), "a page is freed twice");
    freed.fill(Owner::FREE);
    pages.free += count;
    // Low pages first: the rows at the end stay long.
    pages.next = pages.next.min(first);
}

/// May a program have the kernel make another object for it?
pub fn require_reserve() -> Result<(), Error> {
    if PAGES.lock().free < RESERVE { Err(Error::OutOfMemory) } else { Ok(()) }
}

impl Pages {
    /// The first of `count` free pages in a row.
    fn find_free(&self, count: usize) -> Option<usize> {
        let behind = self.find_between(self.next, self.count, count);
        behind.or_else(|| self.find_between(0, self.count, count))
    }

    fn find_between(&self, start: usize, end: usize, count: usize) -> Option<usize> {
        let mut first = start;
        for page in start..end {
            if self.owners[page] != Owner::FREE {
                first = page + 1;
            } else if page + 1 - first == count {
                return Some(first);
            }
        }
        None
    }

    /// Counts the pages of each domain: of domain n at place n.
    pub fn count_owned(&self, counts: &mut [usize]) {
        for owner in &self.owners[..self.count] {
            let domain =
                usize::from(owner.0).checked_sub(usize::from(Owner::domain(DomainId(0)).0));
            if let Some(count) = domain.and_then(|domain| counts.get_mut(domain)) {
                *count += 1;
            }
        }
    }
}

/// The bytes of a page that the caller owns.
pub fn page_bytes(page: usize) -> &'static mut [u8] {
    assert!(page.is_multiple_of(PAGE) && page >= RAM);
    // SAFETY: the linear map covers all RAM. Pages hold memory of EL0 and translation tables, which
    // no Rust reference of the kernel points to, or are new and not in use as heap yet; the kernel
    // lock serialises the accesses.
    unsafe { slice::from_raw_parts_mut((page + LINEAR) as *mut u8, PAGE) }
}

/// A word of a frame that a space has mapped: EL0 changes it as it likes.
pub fn word(physical: usize) -> &'static AtomicU64 {
    assert!(physical.is_multiple_of(align_of::<AtomicU64>()));
    // SAFETY: as above, and whatever is there is a number.
    unsafe { &*((physical + LINEAR) as *const AtomicU64) }
}
