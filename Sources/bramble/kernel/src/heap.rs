//! The kernel's heap: first fit in an arena of fixed size, neighbours joined on free.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr;

use crate::sync::Mutex;

const SIZE: usize = 4 << 20;
/// Blocks are multiples of this, which is also the largest alignment.
const GRAIN: usize = 16;

#[repr(align(16))]
struct Arena(#[allow(dead_code)] [u8; SIZE]);

static mut ARENA: Arena = Arena([0; SIZE]);

#[global_allocator]
static HEAP: Heap = Heap(Mutex::new(FreeList { first: ptr::null_mut(), started: false, used: 0 }));

pub struct Heap(Mutex<FreeList>);

pub struct FreeList {
    /// Free blocks, sorted by address.
    first: *mut Block,
    started: bool,
    /// Bytes handed out.
    used: usize,
}

/// The header of a free block lies in the block itself.
struct Block {
    size: usize,
    next: *mut Block,
}

// SAFETY: the blocks belong to the list alone, and the list sits in a Mutex.
unsafe impl Send for FreeList {}

// SAFETY: blocks handed out are disjoint parts of the arena, at least as large as asked for and
// aligned to GRAIN; larger alignments are refused.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > GRAIN {
            return ptr::null_mut();
        }
        self.0.lock().take(block_size(layout))
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller gives back what `alloc` handed out for this layout.
        unsafe { self.0.lock().give(block.cast(), block_size(layout)) }
    }
}

fn block_size(layout: Layout) -> usize {
    layout.size().next_multiple_of(GRAIN)
}

impl FreeList {
    fn take(&mut self, size: usize) -> *mut u8 {
        if !self.started {
            self.started = true;
            // SAFETY: nobody but this list ever names the arena.
            unsafe { self.give((&raw mut ARENA).cast(), SIZE) };
            self.used = 0;
        }
        let mut link = &raw mut self.first;
        // SAFETY: `link` points to `first` or to the `next` of a free block, and both it and the
        // headers it leads to belong to this list.
        unsafe {
            while !(*link).is_null() {
                let block = *link;
                if (*block).size >= size {
                    let rest = (*block).size - size;
                    if rest > 0 {
                        let tail = block.byte_add(size);
                        tail.write(Block { size: rest, next: (*block).next });
                        *link = tail;
                    } else {
                        *link = (*block).next;
                    }
                    self.used += size;
                    return block.cast();
                }
                link = &raw mut (*block).next;
            }
        }
        ptr::null_mut()
    }

    /// # Safety
    /// `block` is `size` bytes that belong to nobody else.
    unsafe fn give(&mut self, block: *mut Block, size: usize) {
        self.used = self.used.wrapping_sub(size);
        let mut previous: *mut Block = ptr::null_mut();
        let mut next = self.first;
        // SAFETY: all headers belong to this list, and so does `block` from now on.
        unsafe {
            while !next.is_null() && next < block {
                previous = next;
                next = (*next).next;
            }
            block.write(Block { size, next });
            if !next.is_null() && block.byte_add(size) == next {
                *block = Block { size: size + (*next).size, next: (*next).next };
            }
            if previous.is_null() {
                self.first = block;
            } else if previous.byte_add((*previous).size) == block {
                (*previous).size += (*block).size;
                (*previous).next = (*block).next;
            } else {
                (*previous).next = block;
            }
        }
    }
}
