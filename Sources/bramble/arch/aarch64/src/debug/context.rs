//! What the debugger keeps of each CPU: the context it interrupted, and a stack to work on.

use core::arch::asm;
use core::cell::UnsafeCell;

use crate::stack::MOST_CPUS;

/// Bytes of an area; entry.s knows the number too.
const AREA_SIZE: usize = 1 << 14;

/// An interrupted program, in the order in which entry.s stores it.
#[repr(C)]
pub struct Context {
    pub x: [u64; 31],
    /// SP_EL1.
    pub kernel_sp: u64,
    /// SP_EL0.
    pub user_sp: u64,
    pub pc: u64,
    pub pstate: u64,
    /// ESR_EL1.
    pub syndrome: u64,
    /// FAR_EL1.
    pub fault_address: u64,
    scratch: u64,
    /// TTBR0_EL1.
    pub user_root: u64,
    /// PSTATE before a step masked all interrupts.
    before_step: Option<u64>,
}

#[repr(C, align(16))]
struct Area {
    context: Context,
    stack: [u8; AREA_SIZE - size_of::<Context>()],
}

/// All areas lie within 64 KiB that begin at a multiple of that: entry.s relies on it.
#[repr(C, align(65536))]
pub struct Areas(UnsafeCell<[Area; MOST_CPUS]>);

const _: () = assert!(size_of::<[Area; MOST_CPUS]>() <= 1 << 16);

// SAFETY: an area is its CPU's; the context of a halted CPU is the debugger's (see `of`).
unsafe impl Sync for Areas {}

pub static AREAS: Areas = {
    const AREA: Area =
        Area { context: Context::EMPTY, stack: [0; AREA_SIZE - size_of::<Context>()] };
    Areas(UnsafeCell::new([AREA; MOST_CPUS]))
};

const PSTATE_LEVEL: u64 = 0b1100;
/// SError, interrupts, fast interrupts.
const PSTATE_MASKS: u64 = 0x1c0;
/// One instruction, then a debug exception.
const PSTATE_STEP: u64 = 1 << 21;

impl Context {
    const EMPTY: Context = Context {
        x: [0; 31],
        kernel_sp: 0,
        user_sp: 0,
        pc: 0,
        pstate: 0,
        syndrome: 0,
        fault_address: 0,
        scratch: 0,
        user_root: 0,
        before_step: None,
    };

    /// The context of a CPU.
    ///
    /// # Safety
    /// The CPU has stored it and stands still, and nobody else uses it.
    pub unsafe fn of(cpu: usize) -> &'static mut Context {
        assert!(cpu < MOST_CPUS);
        // SAFETY: as the caller says.
        unsafe { &mut (*AREAS.0.get().cast::<Area>().add(cpu)).context }
    }

    pub fn is_user(&self) -> bool {
        self.pstate & PSTATE_LEVEL == 0
    }

    /// The stack pointer that the program itself uses.
    pub fn sp(&mut self) -> &mut u64 {
        if self.is_user() { &mut self.user_sp } else { &mut self.kernel_sp }
    }

    /// The lower half of the address space, TTBR0_EL1, is not stored by entry.s.
    pub fn note_user_root(&mut self) {
        // SAFETY: reads a register.
        unsafe {
            asm!("mrs {}, ttbr0_el1", out(reg) self.user_root, options(nomem, nostack));
        }
    }

    /// Prepares the execution of one instruction. Interrupts are masked for it: otherwise every
    /// step would end in the handler of the interrupt that became due meanwhile.
    pub fn begin_step(&mut self) {
        self.before_step = Some(self.pstate);
        self.pstate |= PSTATE_STEP | PSTATE_MASKS;
    }

    /// Undoes what `begin_step` did, as far as the instruction has not changed it: not after an
    /// exception, nor after a change of the masks themselves.
    pub fn end_step(&mut self) {
        let Some(before) = self.before_step.take() else { return };
        self.pstate &= !PSTATE_STEP;
        let is_untouched = (before ^ self.pstate) & PSTATE_LEVEL == 0
            && self.pstate & PSTATE_MASKS == PSTATE_MASKS;
        if is_untouched {
            self.pstate = self.pstate & !PSTATE_MASKS | before & PSTATE_MASKS;
        }
    }
}
