//! The kernel's stacks, one per CPU: threads have none, a trap runs on the stack of its CPU.

use core::cell::UnsafeCell;

use crate::cpu_id;

/// The most CPUs that the kernel works on.
pub const MOST_CPUS: usize = 4;
/// Bytes of a CPU's kernel stack; boot.s knows the number too.
pub const STACK_SIZE: usize = 1 << 16;

#[repr(C, align(16))]
pub struct Stacks(UnsafeCell<[[u8; STACK_SIZE]; MOST_CPUS]>);

// SAFETY: only the CPU that a stack belongs to uses it.
unsafe impl Sync for Stacks {}

pub static STACKS: Stacks = Stacks(UnsafeCell::new([[0; STACK_SIZE]; MOST_CPUS]));

/// Where the stack of a CPU begins: its highest address.
pub fn top(cpu: usize) -> usize {
    STACKS.0.get().addr() + (cpu + 1) * STACK_SIZE
}

/// Can this CPU's stack still hold frames below this stack pointer?
pub fn is_usable(sp: u64) -> bool {
    const ROOM: usize = 4096;
    let top = top(cpu_id());
    sp.is_multiple_of(16) && (top - STACK_SIZE + ROOM..=top).contains(&(sp as usize))
}
