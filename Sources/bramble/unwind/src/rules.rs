//! Call frame instructions: what a frame's caller had in its registers (DWARF 5 §6.4).

use crate::Error;
use crate::reader::Reader;
use crate::tables::{Cie, Fde};

/// x0..x30 and sp. The servers are built without floating-point registers; rules for other
/// registers are read and dropped.
pub const REGISTER_COUNT: usize = 32;
pub const LINK_REGISTER: usize = 30;
pub const STACK_POINTER: usize = 31;

/// Where the caller's value of a register is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Lost. For the return address: there is no caller.
    Undefined,
    SameValue,
    /// `*(CFA + n)`
    Offset(i64),
    /// `CFA + n`
    ValueOffset(i64),
    /// In another register.
    Register(usize),
}

/// The rules at one instruction; CFA = `cfa_register + cfa_offset`.
#[derive(Clone, Copy)]
pub struct Row {
    pub cfa_register: usize,
    pub cfa_offset: i64,
    pub rules: [Rule; REGISTER_COUNT],
}

/// How deep DW_CFA_remember_state may nest.
const REMEMBERED: usize = 4;

struct Interpreter<'a> {
    cie: &'a Cie<'a>,
    location: u64,
    row: Row,
    initial: Row,
    remembered: [Row; REMEMBERED],
    depth: usize,
}

impl Row {
    /// The row of `fde` that holds at `pc`.
    pub fn at(pc: u64, fde: &Fde) -> Result<Row, Error> {
        let empty = Row {
            cfa_register: STACK_POINTER,
            cfa_offset: 0,
            rules: [Rule::SameValue; REGISTER_COUNT],
        };
        let mut interpreter = Interpreter {
            cie: &fde.cie,
            location: fde.start,
            row: empty,
            initial: empty,
            remembered: [empty; REMEMBERED],
            depth: 0,
        };
        interpreter.run(fde.cie.instructions, u64::MAX)?;
        interpreter.initial = interpreter.row;
        interpreter.run(fde.instructions, pc)?;
        Ok(interpreter.row)
    }
}

impl Interpreter<'_> {
    /// Runs until the instructions end or their location passes `pc`. It ends because every
    /// instruction takes at least one byte.
    fn run(&mut self, mut code: Reader, pc: u64) -> Result<(), Error> {
        while !code.is_empty() && self.location <= pc {
            self.step(&mut code)?;
        }
        Ok(())
    }

    fn step(&mut self, code: &mut Reader) -> Result<(), Error> {
        let opcode = code.u8()?;
        let low = u64::from(opcode & 0x3f);
        match opcode >> 6 {
            1 => self.advance(low),
            2 => {
                let offset = self.factored(code.uleb()?);
                self.set(low, Rule::Offset(offset));
            }
            3 => self.restore(low),
            _ => self.extended(opcode, code)?,
        }
        Ok(())
    }

    fn extended(&mut self, opcode: u8, code: &mut Reader) -> Result<(), Error> {
        match opcode {
            // nop, and AARCH64_negate_ra_state: nothing here signs return addresses.
            0x00 | 0x2d => {}
            // set_loc
            0x01 => {
                let location = code.pointer(0)?.unwrap_or(0);
                self.location = location;
            }
            // advance_loc1, 2, 4
            0x02 => self.advance(u64::from(code.u8()?)),
            0x03 => self.advance(u64::from(code.u16()?)),
            0x04 => self.advance(u64::from(code.u32()?)),
            // offset_extended, offset_extended_sf
            0x05 => {
                let (register, offset) = (code.uleb()?, code.uleb()?);
                self.set(register, Rule::Offset(self.factored(offset)));
            }
            0x11 => {
                let (register, offset) = (code.uleb()?, code.sleb()?);
                self.set(register, Rule::Offset(self.factored(offset as u64)));
            }
            // restore_extended, undefined, same_value
            0x06 => self.restore(code.uleb()?),
            0x07 => self.set(code.uleb()?, Rule::Undefined),
            0x08 => self.set(code.uleb()?, Rule::SameValue),
            // register
            0x09 => {
                let (register, other) = (code.uleb()?, index(code.uleb()?)?);
                self.set(register, Rule::Register(other));
            }
            // remember_state, restore_state
            0x0a => {
                let free = self.remembered.get_mut(self.depth).ok_or(Error::Malformed)?;
                *free = self.row;
                self.depth += 1;
            }
            0x0b => {
                self.depth = self.depth.checked_sub(1).ok_or(Error::Malformed)?;
                self.row = self.remembered[self.depth];
            }
            // def_cfa, def_cfa_sf
            0x0c => {
                self.row.cfa_register = index(code.uleb()?)?;
                self.row.cfa_offset = code.uleb()? as i64;
            }
            0x12 => {
                self.row.cfa_register = index(code.uleb()?)?;
                self.row.cfa_offset = self.factored(code.sleb()? as u64);
            }
            // def_cfa_register, def_cfa_offset, def_cfa_offset_sf
            0x0d => self.row.cfa_register = index(code.uleb()?)?,
            0x0e => self.row.cfa_offset = code.uleb()? as i64,
            0x13 => self.row.cfa_offset = self.factored(code.sleb()? as u64),
            // val_offset, val_offset_sf
            0x14 => {
                let (register, offset) = (code.uleb()?, code.uleb()?);
                self.set(register, Rule::ValueOffset(self.factored(offset)));
            }
            0x15 => {
                let (register, offset) = (code.uleb()?, code.sleb()?);
                self.set(register, Rule::ValueOffset(self.factored(offset as u64)));
            }
            // GNU_args_size
            0x2e => {
                code.uleb()?;
            }
            // Expressions among them: rustc writes none for aarch64.
            _ => return Err(Error::UnknownInstruction(opcode)),
        }
        Ok(())
    }

    fn advance(&mut self, delta: u64) {
        let delta = delta.wrapping_mul(self.cie.code_alignment);
        self.location = self.location.saturating_add(delta);
    }

    fn factored(&self, offset: u64) -> i64 {
        (offset as i64).wrapping_mul(self.cie.data_alignment)
    }

    fn set(&mut self, register: u64, rule: Rule) {
        if let Ok(register) = index(register) {
            self.row.rules[register] = rule;
        }
    }

    fn restore(&mut self, register: u64) {
        if let Ok(register) = index(register) {
            self.row.rules[register] = self.initial.rules[register];
        }
    }
}

fn index(register: u64) -> Result<usize, Error> {
    match usize::try_from(register) {
        Ok(index) if index < REGISTER_COUNT => Ok(index),
        _ => Err(Error::Malformed),
    }
}
