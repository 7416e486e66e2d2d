//! The kernel's heap: classes of block sizes with a list of free blocks each, so that taking and
//! giving back cost the same however many blocks there are. Large blocks are pages of their own.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::identifier::DomainId;
use crate::memory::{self, LINEAR, PAGE};
use crate::sync::Mutex;

/// Sizes of small blocks. All are aligned to `GRAIN`.
const SIZES: [usize; 14] = [16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1360, 2048];
const GRAIN: usize = 16;
/// Pages that are cut up at a time.
const CHUNK: usize = 4;
/// Bytes for the boot, until the size of the memory is known.
const SEED: usize = 64 << 10;

#[repr(align(16))]
struct Seed(#[allow(dead_code)] [u8; SEED]);

static mut SEED_BYTES: Seed = Seed([0; SEED]);

#[global_allocator]
static HEAP: Heap = Heap(Mutex::new(Blocks {
    free: [ptr::null_mut(); SIZES.len()],
    fresh: (&raw mut SEED_BYTES).cast(),
    room: SEED,
    used: 0,
}));

/// Pages the heap has taken.
pub static HEAP_PAGES: AtomicUsize = AtomicUsize::new(0);

pub struct Heap(Mutex<Blocks>);

pub struct Blocks {
    /// Of each size, the free blocks as a list.
    free: [*mut FreeBlock; SIZES.len()],
    /// Memory that is not cut up yet.
    fresh: *mut u8,
    room: usize,
    /// Bytes handed out.
    used: usize,
}

struct FreeBlock {
    next: *mut FreeBlock,
}

// SAFETY: the free blocks belong to the lists alone, and the lists sit in a Mutex.
unsafe impl Send for Blocks {}

/// How a layout is served.
enum Class {
    Small(usize),
    /// So many pages.
    Large(usize),
}

fn class(layout: Layout) -> Option<Class> {
    let small = SIZES.iter().position(|&size| size >= layout.size());
    match small.filter(|_| layout.align() <= GRAIN) {
        Some(class) => Some(Class::Small(class)),
        None if layout.align() <= PAGE => Some(Class::Large(layout.size().div_ceil(PAGE))),
        None => None,
    }
}

// SAFETY: blocks handed out are disjoint, at least as large as asked for and aligned to GRAIN, or
// to PAGE if that is not enough; larger alignments are refused.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match class(layout) {
            Some(Class::Small(class)) => self.0.lock().take(class),
            Some(Class::Large(pages)) => take_pages(pages),
            None => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match class(layout) {
            // SAFETY: the caller gives back what `alloc` handed out for this layout.
            Some(Class::Small(class)) => unsafe { self.0.lock().give(block, class) },
            Some(Class::Large(pages)) => give_pages(block, pages),
            None => {}
        }
    }
}

fn take_pages(count: usize) -> *mut u8 {
    match memory::allocate(DomainId(0), count) {
        Ok(address) => {
            HEAP_PAGES.fetch_add(count, Ordering::Relaxed);
            (address + LINEAR) as *mut u8
        }
        Err(_) => ptr::null_mut(),
    }
}

fn give_pages(block: *mut u8, count: usize) {
    HEAP_PAGES.fetch_sub(count, Ordering::Relaxed);
    memory::free(block.addr() - LINEAR, count);
}

impl Blocks {
    fn take(&mut self, class: usize) -> *mut u8 {
        let head = self.free[class];
        let block = if head.is_null() {
            self.cut(SIZES[class])
        } else {
            // SAFETY: a block in the list was written by `give` and is not in use.
            self.free[class] = unsafe { (*head).next };
            head.cast()
        };
        if !block.is_null() {
            self.used += SIZES[class];
        }
        block
    }

    /// # Safety
    /// `block` was handed out by `take` for this class, and its owner has given it up.
    unsafe fn give(&mut self, block: *mut u8, class: usize) {
        let block: *mut FreeBlock = block.cast();
        // SAFETY: every block has room for the link, and is the list's own from now on.
        unsafe { block.write(FreeBlock { next: self.free[class] }) };
        self.free[class] = block;
        self.used -= SIZES[class];
    }

    /// A block that was never used. The rest of a chunk that is too small for it is lost.
    fn cut(&mut self, size: usize) -> *mut u8 {
        if self.room < size {
            let chunk = take_pages(CHUNK);
            if chunk.is_null() {
                return chunk;
            }
            (self.fresh, self.room) = (chunk, CHUNK * PAGE);
        }
        let block = self.fresh;
        self.fresh = block.wrapping_add(size);
        self.room -= size;
        block
    }
}
