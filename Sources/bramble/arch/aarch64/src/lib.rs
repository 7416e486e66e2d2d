//! What depends on the processor and the board: aarch64 on QEMU's `virt` and `raspi3b`. The
//! kernel uses the names of this crate; what the crate needs of the kernel is in `hooks`.
#![no_std]

use core::arch::{asm, global_asm};

pub mod address;
pub mod board;
pub mod debug;
mod device;
mod hooks;
pub mod interrupts;
pub mod power;
pub mod registers;
mod semihosting;
pub mod serial;
pub mod stack;
pub mod table;
pub mod timer;
pub mod trap;

pub use registers::Registers;
pub use trap::{Trap, TrapFrame};

global_asm!(
    include_str!("boot.s"),
    ram = const board::RAM,
    ram_blocks = const board::RAM_BLOCKS,
    stacks = sym stack::STACKS,
    main = sym hooks::kernel_main,
    secondary_main = sym hooks::kernel_secondary_main,
);
global_asm!(
    ".equ FRAME, {frame}",
    include_str!("debug/entry.s"),
    include_str!("vectors.s"),
    frame = const size_of::<TrapFrame>(),
    trap = sym trap::trap,
    areas = sym debug::AREAS,
    debug_trap = sym debug::trap::debug_trap,
    breakpoint = const debug::BREAKPOINT,
);

unsafe extern "C" {
    fn idle();
    #[cfg(not(board = "raspi3b"))]
    fn secondary_start();
    #[link_name = "enter_idle"]
    fn enter_idle_loop(stack: usize) -> !;
    static boot_level1: u8;
    static empty_level1: u8;
}

/// The number of the CPU that asks.
pub fn cpu_id() -> usize {
    let id: usize;
    // SAFETY: reads a register that boot.s has set.
    unsafe { asm!("mrs {}, tpidr_el1", out(reg) id, options(nomem, nostack, preserves_flags)) };
    id
}

/// Stops this CPU for good.
pub fn halt() -> ! {
    // A pending interrupt, even a masked one, would end every wait at once.
    interrupts::switch_off_cpu();
    loop {
        // SAFETY: masks all exceptions but the debugger's and waits; touches no memory.
        unsafe { asm!("msr daifset, #6", "wfi", options(nomem, nostack)) };
    }
}

/// Address of the instruction that idle threads begin with.
pub fn idle_entry() -> u64 {
    idle as *const () as u64
}

/// Ends the boot of this CPU: interrupts on, idle loop.
pub fn enter_idle() -> ! {
    // SAFETY: the boot's stack frames are given up, nothing refers to them.
    unsafe { enter_idle_loop(stack::top(cpu_id())) }
}

/// Physical address of the kernel's translation table (TTBR1).
pub fn kernel_root() -> usize {
    (&raw const boot_level1).addr() - address::LINEAR
}

/// Makes `root` the lower half of this CPU's address space. `None` leaves it empty: at the end of
/// the boot, that removes the identity map that carried the CPU into the upper half.
pub fn activate(root: Option<usize>) {
    let root = root.unwrap_or((&raw const empty_level1).addr() - address::LINEAR);
    // SAFETY: kernel code and data lie in the upper half, which does not change.
    unsafe {
        asm!(
            "dsb ishst", "msr ttbr0_el1, {}", "isb", "tlbi vmalle1", "dsb nsh", "isb",
            in(reg) root, options(nostack, preserves_flags)
        )
    }
}

/// Makes new table entries visible to the next access; old ones were invalid, so nothing stale
/// needs to be thrown away.
pub fn synchronise_tables() {
    // SAFETY: barriers only.
    unsafe { asm!("dsb ishst", "isb", options(nostack, preserves_flags)) }
}

/// Makes all CPUs forget what an EL0 address meant before its table entry was removed.
pub fn forget_translation(address: u64) {
    // SAFETY: TLB maintenance only.
    unsafe {
        asm!("dsb ishst", "tlbi vaae1is, {}", "dsb ish", "isb", in(reg) address >> 12,
            options(nostack, preserves_flags))
    }
}

/// Makes code that was written to memory visible to all instruction caches. (QEMU has no data
/// caches to clean; real hardware would ask for that first.)
pub fn synchronise_code() {
    // SAFETY: cache maintenance only.
    unsafe { asm!("dsb ish", "ic ialluis", "dsb ish", "isb", options(nostack, preserves_flags)) }
}
