//! The registers of the kernel itself, for whoever looks at it after its end.

use core::arch::naked_asm;

/// Registers as a call to `capture` leaves them: everything that a caller may rely on is here.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Registers {
    pub x: [u64; 31],
    pub sp: u64,
    pub pc: u64,
}

impl Registers {
    pub const ZERO: Registers = Registers { x: [0; 31], sp: 0, pc: 0 };

    /// Those of the caller, at the instruction behind the call.
    #[inline(always)]
    pub fn capture() -> Registers {
        let mut registers = Registers::ZERO;
        // SAFETY: writes one `Registers`, and changes x9 only.
        unsafe { store(&mut registers) };
        registers
    }
}

#[unsafe(naked)]
unsafe extern "C" fn store(registers: &mut Registers) {
    naked_asm!(
        "stp x0, x1, [x0, #0x00]",
        "stp x2, x3, [x0, #0x10]",
        "stp x4, x5, [x0, #0x20]",
        "stp x6, x7, [x0, #0x30]",
        "stp x8, x9, [x0, #0x40]",
        "stp x10, x11, [x0, #0x50]",
        "stp x12, x13, [x0, #0x60]",
        "stp x14, x15, [x0, #0x70]",
        "stp x16, x17, [x0, #0x80]",
        "stp x18, x19, [x0, #0x90]",
        "stp x20, x21, [x0, #0xa0]",
        "stp x22, x23, [x0, #0xb0]",
        "stp x24, x25, [x0, #0xc0]",
        "stp x26, x27, [x0, #0xd0]",
        "stp x28, x29, [x0, #0xe0]",
        "mov x9, sp",
        "stp x30, x9, [x0, #0xf0]",
        "str x30, [x0, #0x100]",
        "ret",
    )
}
