//! The heap of a space. It knows of each block whose it is, in which request it was taken or given
//! up, and whether it is free: a second release is seen, and what a failed request has left behind
//! is found.

mod block;
mod ledger;

pub(crate) use ledger::{Books, close, count_held, release_all, settle};

use crate::lock::RawLock;
use crate::syscall::numbers;
use crate::thread::{Thread, count};
use block::{CLASSES, HEADER, Header, Link, State, class_of, extent};
use bramble_abi::Call;
use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::null_mut;
use core::sync::atomic::Ordering::Relaxed;

/// Bytes asked of the kernel at a time: room for the largest block wherever they begin.
const GROWTH: u64 = 0x2_0000;
/// Ranges of memory from the kernel; those that touch are one.
const REGIONS: usize = 32;

/// Memory from the kernel: blocks up to `used`, each behind its header, one after the other.
#[derive(Clone, Copy)]
#[repr(C)]
struct Region {
    start: u64,
    used: u64,
    end: u64,
}

/// What a release found instead of a block in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct DoubleRelease;

/// Laid out as it is written, for those who read it from outside.
#[repr(C)]
struct Heap {
    regions: [Region; REGIONS],
    region_count: usize,
    free: [Link; CLASSES],
}

/// Not a `Mutex`: its guards would count as locks of whoever allocates.
#[repr(C)]
struct SharedHeap {
    lock: RawLock,
    heap: UnsafeCell<Heap>,
}

// SAFETY: `heap` is used with `lock` held only.
unsafe impl Sync for SharedHeap {}

#[global_allocator]
static HEAP: SharedHeap = SharedHeap {
    lock: RawLock::new(),
    heap: UnsafeCell::new(Heap {
        regions: [Region { start: 0, used: 0, end: 0 }; REGIONS],
        region_count: 0,
        free: [Link::NONE; CLASSES],
    }),
};

/// Whose a block is.
#[derive(Clone, Copy)]
struct Holder {
    owner: u16,
    request: u32,
}

impl Heap {
    fn allocate(&mut self, class: usize, holder: Holder) -> *mut u8 {
        let Some(header) = self.pop(class).or_else(|| self.cut(class)) else { return null_mut() };
        header.owner = holder.owner;
        header.request = holder.request;
        header.state = State::Live;
        header.start() as *mut u8
    }

    fn pop(&mut self, class: usize) -> Option<&'static mut Header> {
        let header = header(self.free[class])?;
        self.free[class] = header.next;
        Some(header)
    }

    /// A block that was never used. Until `used` is moved past it, it does not exist.
    fn cut(&mut self, class: usize) -> Option<&'static mut Header> {
        let byte_count = extent(class) as u64;
        if self.newest().is_none_or(|region| region.end - region.used < byte_count) {
            self.grow()?;
        }
        let region = self.newest()?;
        let place = region.used as *mut Header;
        // SAFETY: the bytes behind `used` belong to the heap and to no block, and there are enough.
        let header = unsafe {
            place.write(Header::fresh(region.used, class));
            &mut *place
        };
        region.used += byte_count;
        Some(header)
    }

    fn newest(&mut self) -> Option<&mut Region> {
        self.regions[..self.region_count].last_mut()
    }

    fn grow(&mut self) -> Option<()> {
        let start = grow(GROWTH)?;
        let end = start + GROWTH;
        match self.newest() {
            Some(region) if region.end == start => region.end = end,
            _ => {
                *self.regions.get_mut(self.region_count)? = Region { start, used: start, end };
                self.region_count += 1;
            }
        }
        Some(())
    }

    /// The header of the block that begins at `address`, if one does.
    fn find(&self, address: u64) -> Option<&'static mut Header> {
        let place = address.checked_sub(HEADER as u64).filter(|place| place % 16 == 0)?;
        let mut regions = self.regions[..self.region_count].iter();
        regions.find(|region| (region.start..region.used).contains(&place))?;
        header(Link::of(place)).filter(|header| header.is_sound())
    }

    /// Gives up a block that is in use. In a request it stays as it is until the end.
    fn release(&mut self, block: u64, thread: Option<&Thread>) -> Result<(), DoubleRelease> {
        let header = self.find(block).ok_or(DoubleRelease)?;
        if header.state != State::Live {
            return Err(DoubleRelease);
        }
        match thread.map(|thread| (thread, thread.request.load(Relaxed))) {
            None | Some((_, 0)) => self.put_back(header),
            Some((thread, request)) => {
                header.request = request;
                if thread.is_unwinding() {
                    header.state = State::Unwound;
                } else {
                    header.next = Link::from(thread.deferred.load(Relaxed));
                    header.state = State::Deferred;
                    thread.deferred.store(header.link().number(), Relaxed);
                }
            }
        }
        Ok(())
    }

    fn put_back(&mut self, header: &mut Header) {
        header.state = State::Free;
        // SAFETY: its owner has given it up.
        unsafe { header.poison() };
        let list = &mut self.free[header.class()];
        header.next = *list;
        *list = header.link();
    }

    /// Shows all blocks in order of their addresses. A damaged header ends its region's.
    fn visit(&mut self, mut work: impl FnMut(&mut Heap, &'static mut Header)) {
        for index in 0..self.region_count {
            let Region { start, used, .. } = self.regions[index];
            let mut place = start;
            while place < used {
                let Some(header) = header(Link::of(place)).filter(|header| header.is_sound())
                else {
                    break;
                };
                place += extent(header.class()) as u64;
                work(self, header);
            }
        }
    }

    /// Makes the lists anew from the headers, which are right at every instruction.
    fn repair(&mut self) {
        self.free = [Link::NONE; CLASSES];
        self.visit(|heap, header| {
            if header.state == State::Free {
                heap.put_back(header);
            }
        });
    }
}

/// The header behind a link.
fn header(link: Link) -> Option<&'static mut Header> {
    // SAFETY: links are made of places inside the heap's regions, whose memory is never given
    // back, and used with the heap locked.
    link.address().map(|address| unsafe { &mut *(address as *mut Header) })
}

/// Fresh zeroed pages.
pub(crate) fn grow(byte_count: u64) -> Option<u64> {
    numbers(Call::MemoryGrow, [byte_count]).ok().map(|results| results[0])
}

impl SharedHeap {
    fn with<R>(&self, work: impl FnOnce(&mut Heap) -> R) -> R {
        // If this thread holds it already, it has faulted in here and a landing pad wants to free:
        // what it began will not be continued, and headers are right at every instruction.
        let mine = self.lock.acquire(0).is_ok();
        // SAFETY: the lock is held.
        let result = work(unsafe { &mut *self.heap.get() });
        if mine && let Some(thread) = Thread::current() {
            self.lock.release(thread);
        }
        result
    }
}

/// Opens the heap for the other threads if `thread` has faulted in the allocator.
pub(crate) fn abandon(thread: &Thread) {
    if HEAP.lock.is_held_by(thread) {
        HEAP.with(Heap::repair);
        HEAP.lock.release(thread);
    }
}

// SAFETY: blocks are as large as the layout asks for, aligned to 16 bytes (larger alignments are
// refused), and belong to one owner at a time.
unsafe impl GlobalAlloc for SharedHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let class = class_of(layout.size()).filter(|_| layout.align() <= HEADER);
        let Some(class) = class else { return null_mut() };
        let holder = Thread::current().map_or(Holder { owner: 0, request: 0 }, |thread| Holder {
            owner: thread.owner(),
            request: thread.request.load(Relaxed),
        });
        self.with(|heap| heap.allocate(class, holder))
    }

    unsafe fn dealloc(&self, block: *mut u8, _layout: Layout) {
        let thread = Thread::current();
        match self.with(|heap| heap.release(block as u64, thread)) {
            Ok(()) => count(|thread| &thread.freed),
            Err(DoubleRelease) => count(|thread| &thread.double_releases),
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if class_of(layout.size()) == class_of(size) {
            return block;
        }
        // SAFETY: promised by the caller, for the block and for the size.
        unsafe {
            let grown = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !grown.is_null() {
                grown.copy_from_nonoverlapping(block, layout.size().min(size));
                self.dealloc(block, layout);
            }
            grown
        }
    }
}
