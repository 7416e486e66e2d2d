//! What this layer calls in the kernel, which stands above it: functions found by name.

use crate::trap::{Trap, TrapFrame};

unsafe extern "C" {
    /// The first CPU arrives here with the MMU on, on its kernel stack.
    pub safe fn kernel_main() -> !;
    /// So does every other CPU that `power::start_cpu` has started.
    pub safe fn kernel_secondary_main(cpu: usize) -> !;
}

unsafe extern "Rust" {
    /// Every trap. On return the frame may hold the registers of another thread.
    pub safe fn kernel_trap(frame: &mut TrapFrame, trap: Trap);
}
