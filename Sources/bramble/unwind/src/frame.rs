//! From the registers of a frame to those of its caller.

use crate::Error;
use crate::rules::{LINK_REGISTER, REGISTER_COUNT, Row, Rule, STACK_POINTER};

/// The registers of one frame. The layout is known to the assembly in `landing`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Registers {
    pub x: [u64; 31],
    pub sp: u64,
    pub pc: u64,
}

impl Registers {
    pub const ZERO: Registers = Registers { x: [0; 31], sp: 0, pc: 0 };

    fn get(&self, register: usize) -> u64 {
        self.x.get(register).copied().unwrap_or(self.sp)
    }

    fn set(&mut self, register: usize, value: u64) {
        match self.x.get_mut(register) {
            Some(place) => *place = value,
            None => self.sp = value,
        }
    }
}

/// The part of a thread's stack that frames may be in: what is read while unwinding is in here.
#[derive(Clone, Copy, Debug)]
pub struct Stack {
    low: u64,
    high: u64,
}

impl Stack {
    pub const EMPTY: Stack = Stack { low: 0, high: 0 };

    /// # Safety
    /// All of `low..high` is mapped readable memory for as long as the value is used.
    pub const unsafe fn new(low: u64, high: u64) -> Stack {
        Stack { low, high }
    }

    /// Whether code can go on with this stack pointer.
    pub fn holds(&self, sp: u64) -> bool {
        sp > self.low && sp <= self.high && sp % 16 == 0
    }

    fn read(&self, address: u64) -> Result<u64, Error> {
        let last = self.high.saturating_sub(8);
        if address < self.low || address > last || address % 8 != 0 {
            return Err(Error::OutsideStack(address));
        }
        // SAFETY: aligned and inside the range that `new` was promised to be mapped.
        Ok(unsafe { (address as *const u64).read_volatile() })
    }
}

/// Applies `row` to `registers`: the frame of the caller, with pc = return address.
pub fn caller(registers: &Registers, row: &Row, stack: &Stack) -> Result<Registers, Error> {
    if row.rules[LINK_REGISTER] == Rule::Undefined {
        return Err(Error::EndOfStack);
    }
    let cfa = registers.get(row.cfa_register).wrapping_add(row.cfa_offset as u64);
    // Frames are left upwards; a CFA below sp would let damaged tables walk in circles.
    if cfa < registers.sp || cfa > stack.high {
        return Err(Error::OutsideStack(cfa));
    }
    let mut caller = *registers;
    caller.sp = cfa;
    for register in 0..REGISTER_COUNT {
        let value = match row.rules[register] {
            Rule::Undefined | Rule::SameValue => continue,
            Rule::Offset(offset) => stack.read(cfa.wrapping_add(offset as u64))?,
            Rule::ValueOffset(offset) => cfa.wrapping_add(offset as u64),
            Rule::Register(other) => registers.get(other),
        };
        caller.set(register, value);
    }
    caller.pc = caller.x[LINK_REGISTER];
    if caller.pc == 0 {
        return Err(Error::EndOfStack);
    }
    Ok(caller)
}

const _: () = assert!(STACK_POINTER == 31 && size_of::<Registers>() == 33 * 8);
