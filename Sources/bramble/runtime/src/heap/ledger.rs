//! The ledger of heap blocks: at the end of a request, which of them are still somebody's.
//!
//! After a request that succeeded, what it gave up becomes free. After one that failed, landing
//! pads have released what the compiler's tables knew of, and nobody knows about the rest: it is
//! released unless something refers to it. Whatever looks like an address counts as a reference,
//! so that a block in use is never released; at worst one is kept that nobody needs.

use super::block::{Header, Link, State};
use super::{HEAP, Heap, header};
use crate::image;
use crate::thread::Thread;
use core::ops::Range;
use core::sync::atomic::Ordering::Relaxed;

/// Blocks that are looked into after a failed request. What has no place is lost.
const PLACES: usize = 1024;

/// What became of a domain's blocks when a request failed.
#[derive(Clone, Copy, Default)]
pub(crate) struct Books {
    /// Released by the ledger.
    pub released: u32,
    /// Released by a landing pad, but still referred to: no longer its own to release.
    pub dangling: u32,
    /// Not looked into, for want of a place.
    pub lost: u32,
    /// What the domain holds now.
    pub held: u32,
}

/// The blocks in question, in order of their addresses.
struct Ledger {
    entries: [Entry; PLACES],
    count: usize,
    books: Books,
}

#[derive(Clone, Copy)]
struct Entry {
    block: Link,
    mark: Mark,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Unreferenced,
    /// Something refers to it; what it refers to itself is not known yet.
    Referenced,
    Visited,
}

/// After a request that succeeded: what it gave up is free now.
pub(crate) fn close(thread: &Thread) {
    let mut next = Link::from(thread.deferred.swap(0, Relaxed));
    if next == Link::NONE {
        return;
    }
    HEAP.with(|heap| {
        while let Some(header) = header(next) {
            next = header.next;
            heap.put_back(header);
        }
    });
}

/// After a request that failed: releases what it took and nothing refers to. `above` is where the
/// frames begin that go on.
pub(crate) fn settle(thread: &Thread, request: u32, above: u64) -> Books {
    thread.deferred.store(0, Relaxed);
    let mut ledger = Ledger::EMPTY;
    HEAP.with(|heap| {
        // A block from before can have lost its last reference, too; but other threads of the
        // domain may hold some in their registers, where nobody can look.
        let everything = thread.is_alone() && ledger.collect(heap, thread.owner(), None);
        if !everything && !ledger.collect(heap, thread.owner(), Some(request)) {
            ledger.give_up_beyond(heap, thread.owner(), Some(request));
        }
        ledger.scan(&image::state());
        ledger.scan_others(heap, thread.owner());
        while ledger.follow() {}
        ledger.restore_dangling();
        // Words that were never written since some earlier call used their place are on the stack,
        // too: good enough to keep a block, not to accuse a landing pad.
        ledger.scan(&(above..thread.stack_top()));
        while ledger.follow() {}
        ledger.release(heap, request);
        ledger.books.held = held(heap, thread.owner());
        ledger.books
    })
}

/// When a service begins anew: releases all blocks of its domain, apart from those that frames
/// above `above` refer to.
pub(crate) fn release_all(thread: &Thread, above: u64) -> Books {
    thread.deferred.store(0, Relaxed);
    let mut ledger = Ledger::EMPTY;
    HEAP.with(|heap| {
        if !ledger.collect(heap, thread.owner(), None) {
            ledger.give_up_beyond(heap, thread.owner(), None);
        }
        ledger.scan(&(above..thread.stack_top()));
        while ledger.follow() {}
        ledger.release(heap, 0);
        ledger.books
    })
}

/// Blocks that the domain of `thread` holds.
pub(crate) fn count_held(thread: &Thread) -> u32 {
    HEAP.with(|heap| held(heap, thread.owner()))
}

fn held(heap: &mut Heap, owner: u16) -> u32 {
    let mut count = 0;
    heap.visit(|_, header| {
        count += u32::from(header.owner == owner && header.state != State::Free);
    });
    count
}

impl Ledger {
    const EMPTY: Ledger = Ledger {
        entries: [Entry { block: Link::NONE, mark: Mark::Unreferenced }; PLACES],
        count: 0,
        books: Books { released: 0, dangling: 0, lost: 0, held: 0 },
    };

    /// Enters the blocks of `owner`: all, or those of one request. False if some had no place.
    fn collect(&mut self, heap: &mut Heap, owner: u16, request: Option<u32>) -> bool {
        let mut complete = true;
        self.count = 0;
        heap.visit(|_, header| {
            if !is_in_question(header, owner, request) {
                return;
            }
            match self.entries.get_mut(self.count) {
                Some(place) => {
                    *place = Entry { block: header.link(), mark: Mark::Unreferenced };
                    self.count += 1;
                }
                None => complete = false,
            }
        });
        complete
    }

    /// What has no place stays, and is lost.
    fn give_up_beyond(&mut self, heap: &mut Heap, owner: u16, request: Option<u32>) {
        heap.visit(|_, header| {
            if is_in_question(header, owner, request) && self.find(header.start()).is_none() {
                header.state = State::Lost;
                self.books.lost += 1;
            }
        });
    }

    /// Marks the blocks that words in `range` refer to.
    fn scan(&mut self, range: &Range<u64>) {
        let start = range.start.next_multiple_of(8);
        for place in (start..range.end & !7).step_by(8) {
            // SAFETY: callers pass ranges that are mapped and readable: the image's state, a
            // stack from a live frame to its end, or a block.
            let word = unsafe { (place as *const u64).read_volatile() };
            if let Some(entry) = self.find(word)
                && entry.mark == Mark::Unreferenced
            {
                entry.mark = Mark::Referenced;
            }
        }
    }

    /// Scans the blocks of the domain that are not in question themselves.
    fn scan_others(&mut self, heap: &mut Heap, owner: u16) {
        heap.visit(|_, header| {
            let used = header.owner == owner && header.state != State::Free;
            if used && self.find(header.start()).is_none() {
                self.scan(&bytes_of(header));
            }
        });
    }

    /// Scans one more referenced block; false if there is none.
    fn follow(&mut self) -> bool {
        let entries = &mut self.entries[..self.count];
        let Some(entry) = entries.iter_mut().find(|entry| entry.mark == Mark::Referenced) else {
            return false;
        };
        entry.mark = Mark::Visited;
        if let Some(header) = header(entry.block) {
            self.scan(&bytes_of(header));
        }
        true
    }

    /// The entry of the block that `address` lies in.
    fn find(&mut self, address: u64) -> Option<&mut Entry> {
        let entries = &mut self.entries[..self.count];
        let (first, last) = (entries.first()?.block, entries.last()?.block);
        // Most words are no addresses at all.
        if address < first.address()? || address >= bytes_of(header(last)?).end {
            return None;
        }
        let after = entries.partition_point(|entry| entry.block <= Link::of(address));
        let entry = entries.get_mut(after.checked_sub(1)?)?;
        header(entry.block).filter(|header| bytes_of(header).contains(&address))?;
        Some(entry)
    }

    /// A landing pad has released what the service's state still refers to.
    fn restore_dangling(&mut self) {
        for entry in &self.entries[..self.count] {
            let Some(header) = header(entry.block) else { continue };
            if entry.mark != Mark::Unreferenced && header.state == State::Unwound {
                header.state = State::Live;
                self.books.dangling += 1;
            }
        }
    }

    fn release(&mut self, heap: &mut Heap, request: u32) {
        for entry in &self.entries[..self.count] {
            let Some(header) = header(entry.block) else { continue };
            match (entry.mark, header.state) {
                (_, State::Unwound) => heap.put_back(header),
                (Mark::Unreferenced, state) => {
                    self.books.released += u32::from(state == State::Live);
                    heap.put_back(header);
                }
                (_, _) => header.state = State::Live,
            }
            if header.request == request {
                // Whatever remains is state of the service from now on.
                header.request = 0;
            }
        }
    }
}

fn is_in_question(header: &Header, owner: u16, request: Option<u32>) -> bool {
    let in_use = !matches!(header.state, State::Free | State::Lost);
    in_use && header.owner == owner && request.is_none_or(|request| header.request == request)
}

fn bytes_of(header: &Header) -> Range<u64> {
    header.start()..header.start() + header.byte_count() as u64
}
