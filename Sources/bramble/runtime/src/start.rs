//! From the kernel's first instruction to `main`.

use crate::syscall::exit;
use crate::thread::Thread;
use bramble_abi::program;
use core::arch::naked_asm;
use core::sync::atomic::Ordering::Relaxed;

/// Entry point: x0 = program number, x1 = instance, x2 = the thread's own number, sp = top of the stack. The outermost frame:
/// its return address is undefined, which is where unwinders stop.
#[unsafe(naked)]
#[unsafe(no_mangle)]
#[unsafe(link_section = ".text.start")]
unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined x30",
        "mov x29, #0",
        "mov x30, #0",
        "mov x3, sp",
        "bl {enter}",
        "brk #0",
        ".cfi_endproc",
        enter = sym enter,
    )
}

/// Goes on with `next` at the top of a stack, whatever was on it: an outermost frame like `_start`.
///
/// # Safety
/// `top` is the top of the calling thread's stack, and no frame on it is needed any more.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn empty_stack(top: u64, next: extern "C-unwind" fn() -> !) -> ! {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined x30",
        "mov sp, x0",
        "mov x29, #0",
        "mov x30, #0",
        "blr x1",
        "brk #0",
        ".cfi_endproc",
    )
}

unsafe extern "C-unwind" {
    /// Written by the compiler for a program's `fn main`; calls `start_main`.
    fn main(argument_count: isize, arguments: *const *const u8) -> isize;
}

extern "C-unwind" fn enter(program: u64, instance: u64, id: u64, stack_top: u64) -> ! {
    if let Some(thread) = Thread::register(stack_top, program, instance) {
        thread.set_id(id);
        crate::recovery::install_handler(thread);
        // SAFETY: `start_main` does not use the arguments.
        unsafe { main(0, core::ptr::null()) };
    }
    exit(0)
}

/// Lets programs have a plain `fn main`, for which they would otherwise need `no_mangle`, which
/// counts as unsafe code.
#[lang = "start"]
fn start_main<T: Termination>(
    main: fn() -> T,
    _argument_count: isize,
    _arguments: *const *const u8,
    _signal: u8,
) -> isize {
    main();
    0
}

#[lang = "termination"]
trait Termination {}
impl Termination for () {}

/// Which program of its image this thread runs (`program`).
pub fn program_number() -> u64 {
    Thread::current().map_or(u64::MAX, |thread| thread.program.load(Relaxed))
}

/// Counts the threads that a scenario starts with the same program: 0, 1, ...
pub fn instance() -> u64 {
    Thread::current().map_or(0, |thread| thread.instance.load(Relaxed))
}

/// For the console.
pub(crate) fn program_name() -> &'static str {
    program::name(program_number())
}
