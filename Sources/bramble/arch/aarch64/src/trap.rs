//! From an exception to the kernel and back.

use core::arch::asm;

use bramble_abi::Cause;

use crate::hooks;

/// Registers of an interrupted program, in the order in which `vectors.s` pushes them.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct TrapFrame {
    pub x: [u64; 31],
    pub sp: u64,
    pub pc: u64,
    pub pstate: u64,
}

/// EL1 with its own stack pointer, interrupts and debug exceptions on: the idle loop.
const PSTATE_IDLE: u64 = 0x105;
/// EL0, interrupts on.
const PSTATE_USER: u64 = 0;
/// Masks of exceptions, and the request for a step.
const PSTATE_CONTROL: u64 = 0x3c0 | 1 << 21;

impl TrapFrame {
    pub const fn user(pc: u64, sp: u64) -> Self {
        Self { x: [0; 31], sp, pc, pstate: PSTATE_USER }
    }

    pub const fn idle(pc: u64) -> Self {
        Self { x: [0; 31], sp: 0, pc, pstate: PSTATE_IDLE }
    }
}

/// What brought a program into the kernel.
pub enum Trap {
    /// EL0 asks for something.
    Call,
    /// An instruction at EL0 could not be executed.
    Fault { cause: Cause, syndrome: u64, address: u64 },
    /// A device or another CPU asks for attention; `user` tells EL0 from the idle loop.
    Interrupt { user: bool },
}

impl Trap {
    /// Whether EL0 was interrupted: only then the frame holds a program's registers.
    pub fn from_user(&self) -> bool {
        !matches!(self, Trap::Interrupt { user: false })
    }
}

/// How a trap came about; the numbers are those of `vectors.s`.
mod kind {
    pub const KERNEL_FAULT: usize = 0;
    pub const IDLE_INTERRUPT: usize = 1;
    pub const USER_SYNCHRONOUS: usize = 2;
    pub const USER_INTERRUPT: usize = 3;
}

/// Every trap, called by `vectors.s`. The frame is on the kernel stack; on return it may hold the
/// registers of another thread.
pub extern "C" fn trap(frame: &mut TrapFrame, kind: usize) {
    let (syndrome, address) = syndrome();
    match kind {
        kind::KERNEL_FAULT => {
            frame.sp = (&raw mut *frame).addr() as u64 + size_of::<TrapFrame>() as u64
        }
        // EL0 never masks anything; a debugger that steps it does, for one instruction.
        kind::USER_SYNCHRONOUS | kind::USER_INTERRUPT => frame.pstate &= !PSTATE_CONTROL,
        _ => {}
    }
    let trap = match kind {
        kind::USER_SYNCHRONOUS => match class(syndrome) {
            CLASS_SVC => Trap::Call,
            class => Trap::Fault { cause: cause(class, syndrome), syndrome, address },
        },
        kind::USER_INTERRUPT => Trap::Interrupt { user: true },
        kind::IDLE_INTERRUPT => Trap::Interrupt { user: false },
        _ => panic!(
            "trap {kind} in the kernel: pc {:#x}, syndrome {syndrome:#x}, address {address:#x}",
            frame.pc
        ),
    };
    hooks::kernel_trap(frame, trap);
}

const CLASS_SVC: u64 = 0x15;

fn class(syndrome: u64) -> u64 {
    syndrome >> 26 & 0x3f
}

fn cause(class: u64, syndrome: u64) -> Cause {
    const ALIGNMENT_FAULT: u64 = 0x21;
    match class {
        // Unknown instructions, and floating point, which is switched off
        0x00 | 0x07 | 0x0e => Cause::UndefinedInstruction,
        0x20 => Cause::InstructionAbort,
        0x24 if syndrome & 0x3f == ALIGNMENT_FAULT => Cause::Alignment,
        0x24 => Cause::DataAbort,
        0x22 | 0x26 => Cause::Alignment,
        _ => Cause::Other,
    }
}

/// ESR_EL1 and FAR_EL1 of the exception being handled.
fn syndrome() -> (u64, u64) {
    let (syndrome, address);
    // SAFETY: reads two registers.
    unsafe {
        asm!("mrs {}, esr_el1", "mrs {}, far_el1", out(reg) syndrome, out(reg) address,
            options(nomem, nostack, preserves_flags))
    };
    (syndrome, address)
}
