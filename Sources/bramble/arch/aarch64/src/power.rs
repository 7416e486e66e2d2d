//! CPUs on, machine off: PSCI through the hypervisor call that QEMU answers.

use core::arch::asm;

use crate::address::LINEAR;
use crate::{halt, secondary_start};

const SYSTEM_OFF: usize = 0x8400_0008;
const CPU_ON: usize = 0xc400_0003;

/// Starts a CPU at `secondary_start`.
pub fn start_cpu(cpu: usize) {
    let entry = secondary_start as *const () as usize - LINEAR;
    let status = call(CPU_ON, cpu, entry, cpu);
    assert!(status == 0, "PSCI refuses to start CPU {cpu}: {status}");
}

pub fn switch_off() -> ! {
    call(SYSTEM_OFF, 0, 0, 0);
    halt()
}

/// Ends QEMU with exit status 1, if it runs with `-semihosting`; otherwise the instruction is
/// undefined and the panic that follows halts.
pub fn exit_with_failure() -> ! {
    let block: [usize; 2] = [0x2_0026, 1];
    // SAFETY: SYS_EXIT takes the address of the block and does not return.
    unsafe { asm!("hlt #0xf000", in("x0") 0x18, in("x1") block.as_ptr(), options(nostack)) };
    halt()
}

fn call(function: usize, first: usize, second: usize, third: usize) -> isize {
    let result: isize;
    // SAFETY: the SMC calling convention: results in x0..x3, x4..x17 may change.
    unsafe {
        asm!(
            "hvc #0",
            inlateout("x0") function => result,
            inlateout("x1") first => _, inlateout("x2") second => _, inlateout("x3") third => _,
            lateout("x4") _, lateout("x5") _, lateout("x6") _, lateout("x7") _, lateout("x8") _,
            lateout("x9") _, lateout("x10") _, lateout("x11") _, lateout("x12") _,
            lateout("x13") _, lateout("x14") _, lateout("x15") _, lateout("x16") _,
            lateout("x17") _, options(nostack)
        )
    }
    result
}
