//! The heap of a space: power-of-two classes with free lists, never given back to the kernel.

use crate::lock::RawLock;
use crate::syscall::numbers;
use crate::thread::{Thread, count};
use bramble_abi::Call;
use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::null_mut;

/// Blocks of 16 << class bytes, up to 64 KiB.
const CLASSES: usize = 13;
const SMALLEST: usize = 16;
/// Bytes asked of the kernel at a time: room for the largest block wherever they begin.
const GROWTH: u64 = 0x2_0000;

/// A free block holds the link to the next one.
#[derive(Clone, Copy)]
struct FreeBlock(*mut FreeBlock);

struct Heap {
    free: [*mut FreeBlock; CLASSES],
    /// Memory from the kernel that is not cut up yet.
    fresh: u64,
    fresh_end: u64,
    /// Blocks handed out and not freed yet.
    live: usize,
}

/// Not a `Mutex`: its guards would count as locks of whoever allocates.
struct SharedHeap {
    lock: RawLock,
    heap: UnsafeCell<Heap>,
}

// SAFETY: `heap` is used with `lock` held only, and its pointers are to memory of its own.
unsafe impl Sync for SharedHeap {}

#[global_allocator]
static HEAP: SharedHeap = SharedHeap {
    lock: RawLock::new(),
    heap: UnsafeCell::new(Heap { free: [null_mut(); CLASSES], fresh: 0, fresh_end: 0, live: 0 }),
};

impl Heap {
    /// The class for `layout`. Blocks are aligned to their size, so alignment is size.
    fn class(layout: Layout) -> Option<usize> {
        let byte_count = layout.size().max(layout.align()).max(SMALLEST);
        let byte_count = byte_count.checked_next_power_of_two()?;
        let class = (byte_count / SMALLEST).trailing_zeros() as usize;
        (class < CLASSES).then_some(class)
    }

    fn allocate(&mut self, class: usize) -> *mut u8 {
        let head = self.free[class];
        let block = if head.is_null() {
            self.cut(SMALLEST << class)
        } else {
            // SAFETY: a block in the list was written by `release` and is not in use.
            self.free[class] = unsafe { (*head).0 };
            head.cast()
        };
        if !block.is_null() {
            self.live += 1;
        }
        block
    }

    fn release(&mut self, block: *mut u8, class: usize) {
        let block = block.cast::<FreeBlock>();
        // SAFETY: the block is at least 16 bytes, and its owner has given it up.
        unsafe { block.write(FreeBlock(self.free[class])) };
        self.free[class] = block;
        self.live -= 1;
    }

    /// A block that was never used, from the memory that is not cut up yet.
    fn cut(&mut self, byte_count: usize) -> *mut u8 {
        let byte_count = byte_count as u64;
        let start = self.fresh.next_multiple_of(byte_count);
        if start + byte_count <= self.fresh_end {
            self.fresh = start + byte_count;
            return start as *mut u8;
        }
        let Some(grown) = grow(GROWTH) else { return null_mut() };
        let start = grown.next_multiple_of(byte_count);
        // In this order, `fresh..fresh_end` is the heap's own memory or nothing at all between the
        // two stores, too.
        self.fresh_end = 0;
        self.fresh = start + byte_count;
        self.fresh_end = grown + GROWTH;
        start as *mut u8
    }
}

/// Fresh zeroed pages.
pub(crate) fn grow(byte_count: u64) -> Option<u64> {
    numbers(Call::MemoryGrow, [byte_count]).ok().map(|results| results[0])
}

impl SharedHeap {
    fn with<R>(&self, work: impl FnOnce(&mut Heap) -> R) -> R {
        // If this thread holds it already, it has faulted in here and a landing pad wants to free:
        // what it began will not be continued, and at every instruction the lists are whole.
        let _ = self.lock.acquire();
        // SAFETY: the lock is held.
        let result = work(unsafe { &mut *self.heap.get() });
        self.lock.release();
        result
    }
}

/// Opens the heap for the other threads if `thread` has faulted in the allocator. At worst the
/// block that was being handed out is lost.
pub(crate) fn abandon(thread: &Thread) {
    if HEAP.lock.is_held_by(thread) {
        HEAP.lock.release();
    }
}

// SAFETY: blocks are as large and as aligned as their class, which is that of the layout, and
// belong to one owner at a time.
unsafe impl GlobalAlloc for SharedHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(class) = Heap::class(layout) else { return null_mut() };
        let block = self.with(|heap| heap.allocate(class));
        if !block.is_null() {
            count(|thread| &thread.allocated);
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let Some(class) = Heap::class(layout) else { return };
        self.with(|heap| heap.release(block, class));
        count(|thread| &thread.freed);
    }
}
