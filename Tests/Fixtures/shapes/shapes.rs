//! Types, statics and calls of every kind that kscope reads; never run.
#![no_std]
#![no_main]
#![feature(lang_items)]
#![allow(internal_features)]
#![allow(dead_code)]

use core::panic::PanicInfo;
use core::sync::atomic::{AtomicUsize, Ordering};

pub mod kernel {
    pub mod thread {
        use core::cell::UnsafeCell;

        #[derive(Clone, Copy, PartialEq)]
        #[repr(u8)]
        pub enum State {
            Runnable,
            Sleeping,
            Waiting = 7,
        }

        #[derive(Clone, Copy)]
        pub enum Frame {
            Memory(u64),
            Device { base: u32, irq: u16 },
            Hole,
        }

        pub struct Thread {
            pub id: usize,
            pub state: State,
            pub frame: Frame,
            pub parent: Option<&'static Thread>,
            pub name: &'static str,
            pub stack: [u64; 4],
        }

        pub struct Pair<A, B>(pub A, pub B);

        pub union Word {
            pub whole: u64,
            pub halves: [u32; 2],
        }

        pub struct Lock<T> {
            pub held: bool,
            pub data: UnsafeCell<T>,
        }

        unsafe impl<T> Sync for Lock<T> {}

        pub static IDLE: Thread = Thread {
            id: 1,
            state: State::Sleeping,
            frame: Frame::Device { base: 0x900_0000, irq: 33 },
            parent: None,
            name: "idle",
            stack: [1, 2, 3, 4],
        };

        pub static TABLE: Lock<Option<Pair<u8, i32>>> =
            Lock { held: false, data: UnsafeCell::new(Some(Pair(1, -2))) };

        impl Thread {
            #[inline(never)]
            pub fn weight(&self, factor: usize) -> usize {
                let mut total = self.id;
                let mut index = 0;
                while index < self.stack.len() {
                    total += scaled(self.stack[index], factor);
                    index += 1;
                }
                total
            }
        }

        #[inline(always)]
        fn scaled(word: u64, factor: usize) -> usize {
            let product = word as usize * factor;
            product ^ 5
        }
    }
}

use kernel::thread::{Frame, Lock, Pair, State, Thread, Word};

pub type Callback = fn(usize) -> usize;

#[used]
static CALLBACK: Callback = counted;
#[used]
static WORD: Word = Word { whole: 0x1_0000_0002 };
#[used]
static UNIT: Option<&'static ()> = Some(&());
#[used]
static LETTER: char = 'k';
#[used]
static BIG: (u128, Option<u128>) = (1, Some(2));
#[used]
static RESULT: Result<u32, State> = Err(State::Waiting);

#[inline(never)]
fn counted(by: usize) -> usize {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    CALLS.fetch_add(by, Ordering::Relaxed)
}

#[inline(never)]
fn swap<A: Copy, B: Copy>(pair: &Pair<A, B>) -> Pair<B, A> {
    Pair(pair.1, pair.0)
}

#[inline(never)]
fn describe(frame: Frame, table: &Lock<Option<Pair<u8, i32>>>) -> u64 {
    let held = table.held;
    match frame {
        Frame::Memory(address) => address,
        Frame::Device { base, irq } => base as u64 + irq as u64,
        Frame::Hole => held as u64,
    }
}

struct Guard<'a>(&'a AtomicUsize);

impl Drop for Guard<'_> {
    #[inline(never)]
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

static GUARDS: AtomicUsize = AtomicUsize::new(0);

#[inline(never)]
fn guarded(thread: &Thread) -> usize {
    let _guard = Guard(&GUARDS);
    counted(thread.weight(3)) / thread.id
}

#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    let thread = &kernel::thread::IDLE;
    let swapped = swap(&Pair(thread.id as u32, true));
    let add = |x: usize| x + swapped.1 as usize;
    loop {
        let total = add(guarded(thread)) as u64 + describe(thread.frame, &kernel::thread::TABLE);
        if CALLBACK(total as usize) == 0 || thread.state == State::Waiting {
            break;
        }
    }
    loop {}
}

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    loop {}
}

#[lang = "eh_personality"]
extern "C" fn eh_personality() {}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    loop {}
}
