//! Where the unwinder meets running code.

use crate::frame::Registers;
use crate::unwinding::{Origin, Unwinding};
use core::arch::naked_asm;

impl Unwinding {
    /// Unwinds from `registers` to the innermost `catch`.
    ///
    /// # Safety
    /// `registers` are those of a live frame on `stack`, and no frame below the catch is needed
    /// any more. `self` is not on that stack, and lives until the catch.
    pub unsafe fn start(&mut self, registers: Registers, origin: Origin) -> ! {
        if origin == Origin::Fault {
            self.origin = registers.pc;
        }
        self.land(registers, origin)
    }

    fn land(&mut self, registers: Registers, origin: Origin) -> ! {
        match self.search(registers, origin) {
            // SAFETY: `search` found the pad in the tables of the code that runs, for a frame
            // that it reached from a live one.
            Ok(registers) => unsafe { land(self, &registers) },
            Err(error) => (self.failed)(self, error),
        }
    }
}

/// Stores the registers that a callee preserves, sp and the return address as pc: the caller's
/// frame as it is when this returns.
///
/// # Safety
/// The frame so captured is valid only until the caller returns.
#[unsafe(naked)]
pub unsafe extern "C" fn capture(registers: &mut Registers) {
    naked_asm!(
        "stp x19, x20, [x0, #152]",
        "stp x21, x22, [x0, #168]",
        "stp x23, x24, [x0, #184]",
        "stp x25, x26, [x0, #200]",
        "stp x27, x28, [x0, #216]",
        "stp x29, x30, [x0, #232]",
        "mov x1, sp",
        "stp x1, x30, [x0, #248]",
        "ret",
    )
}

/// Enters the landing pad at `registers.pc` with the stack and registers of its frame. A pad
/// expects the exception object in x0 and a type selector, which Rust ignores, in x1.
///
/// # Safety
/// `registers` must be those of a live frame of this thread, and pc one of its landing pads.
#[unsafe(naked)]
pub unsafe extern "C" fn land(context: *mut Unwinding, registers: *const Registers) -> ! {
    naked_asm!(
        "mov x16, x1",
        "ldp x19, x20, [x16, #152]",
        "ldp x21, x22, [x16, #168]",
        "ldp x23, x24, [x16, #184]",
        "ldp x25, x26, [x16, #200]",
        "ldp x27, x28, [x16, #216]",
        "ldp x29, x30, [x16, #232]",
        "ldp x17, x16, [x16, #248]",
        "mov sp, x17",
        "mov x1, #0",
        "br x16",
    )
}

/// Where a cleanup pad goes when it has dropped what its frame owned: on with the unwinding, from
/// the frame that calls this.
///
/// # Safety
/// Called only by landing pads, with the context that `land` gave them.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn _Unwind_Resume(context: *mut Unwinding) -> ! {
    naked_asm!(
        ".cfi_startproc",
        "sub sp, sp, #272",
        ".cfi_adjust_cfa_offset 272",
        "stp x19, x20, [sp, #152]",
        "stp x21, x22, [sp, #168]",
        "stp x23, x24, [sp, #184]",
        "stp x25, x26, [sp, #200]",
        "stp x27, x28, [sp, #216]",
        "stp x29, x30, [sp, #232]",
        "add x1, sp, #272",
        "stp x1, x30, [sp, #248]",
        "mov x1, sp",
        "bl {resume}",
        "brk #0",
        ".cfi_endproc",
        resume = sym resume,
    )
}

/// `_Unwind_Resume` after its assembly: `registers` are those of the frame whose pad has ended.
///
/// # Safety
/// As for `_Unwind_Resume`.
unsafe extern "C-unwind" fn resume(context: *mut Unwinding, registers: &Registers) -> ! {
    // SAFETY: the pad hands on the context it was entered with, which outlives the unwinding.
    let unwinding = unsafe { &mut *context };
    // The frame is looked at again, as its pad may itself be inside a wider one, but it is the
    // same frame.
    unwinding.frames = unwinding.frames.saturating_sub(1);
    unwinding.land(*registers, Origin::Call)
}
