//! CPUs on, machine off.

use crate::{halt, semihosting};

#[cfg(not(board = "raspi3b"))]
pub use psci::start_cpu;
#[cfg(board = "raspi3b")]
pub use released::start_cpu;

/// Switches the machine off.
pub fn switch_off() -> ! {
    #[cfg(board = "raspi3b")]
    semihosting::exit(0);
    #[cfg(not(board = "raspi3b"))]
    psci::switch_off();
    halt()
}

/// Ends QEMU with exit status 1, if it runs with `-semihosting`; otherwise the instruction is
/// undefined and the panic that follows halts.
pub fn exit_with_failure() -> ! {
    semihosting::exit(1);
    halt()
}

/// PSCI, through the hypervisor call that QEMU answers (ARM DEN 0022).
#[cfg(not(board = "raspi3b"))]
mod psci {
    use core::arch::asm;

    use crate::address::LINEAR;
    use crate::secondary_start;

    const SYSTEM_OFF: usize = 0x8400_0008;
    const CPU_ON: usize = 0xc400_0003;

    /// Starts a CPU at `secondary_start`.
    pub fn start_cpu(cpu: usize) {
        let entry = secondary_start as *const () as usize - LINEAR;
        let status = call(CPU_ON, cpu, entry, cpu);
        assert!(status == 0, "PSCI refuses to start CPU {cpu}: {status}");
    }

    pub fn switch_off() {
        call(SYSTEM_OFF, 0, 0, 0);
    }

    fn call(function: usize, first: usize, second: usize, third: usize) -> isize {
        let result: isize;
        // SAFETY: the SMC calling convention: results in x0..x3, x4..x17 may change.
        unsafe {
            asm!(
                "hvc #0",
                inlateout("x0") function => result,
                inlateout("x1") first => _, inlateout("x2") second => _,
                inlateout("x3") third => _,
                lateout("x4") _, lateout("x5") _, lateout("x6") _, lateout("x7") _,
                lateout("x8") _, lateout("x9") _, lateout("x10") _, lateout("x11") _,
                lateout("x12") _, lateout("x13") _, lateout("x14") _, lateout("x15") _,
                lateout("x16") _, lateout("x17") _, options(nostack)
            )
        }
        result
    }
}

/// All CPUs start at once; those that are not CPU 0 wait in boot.s until they are released.
#[cfg(board = "raspi3b")]
mod released {
    use core::arch::asm;
    use core::sync::atomic::{AtomicUsize, Ordering};

    unsafe extern "C" {
        static released_cpus: AtomicUsize;
    }

    pub fn start_cpu(cpu: usize) {
        // SAFETY: a word of boot.s that is only touched by atomic instructions. The waiting CPUs
        // read it past their caches, so it is cleaned to memory.
        unsafe {
            released_cpus.fetch_or(1 << cpu, Ordering::Release);
            asm!("dc cvac, {}", "dsb sy", "sev", in(reg) &raw const released_cpus, options(nostack))
        }
    }
}
