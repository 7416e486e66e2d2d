//! One unwinding, from a panic or fault to the `catch` that ends it.

use crate::Error;
use crate::frame::{self, Registers, Stack};
use crate::lsda::{self, Landing};
use crate::rules::Row;
use crate::tables::Tables;
use core::ops::Range;

/// A stack deeper than this is taken for damaged: 64 KiB of the smallest frames, so that even a
/// stack that has overflowed can be unwound.
const FRAME_LIMIT: u32 = 4096;
/// Landing pads entered in one unwinding, at most: one a frame, and some for pads inside pads.
const PAD_LIMIT: u32 = 2 * FRAME_LIMIT;
/// Pads remembered by address.
pub const RECORDED_PADS: usize = 8;

/// Why a frame stopped where it did, which decides how its pc is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A call: pc is a return address, the call is the instruction before it.
    Call,
    /// A fault: pc is the very instruction.
    Fault,
    /// A jump to a place that cannot be executed: nothing is known of pc, but the link register
    /// says who called.
    WildJump,
}

/// Progress of one unwinding. It lives outside the stack that is unwound, as landing pads overwrite
/// the frames of the unwinder.
pub struct Unwinding {
    tables: Tables<'static>,
    stack: Stack,
    /// Code that panics run through on the way here: its frames are not the origin of anything.
    machinery: Range<u64>,
    /// Called instead of a landing when there is nothing to land on.
    #[cfg_attr(test, allow(dead_code))]
    pub(crate) failed: fn(&Unwinding, Error) -> !,
    /// The instruction that faulted, or the call that panicked; 0 until its frame is found.
    pub origin: u64,
    /// Frames from the origin to the last one looked at.
    pub frames: u32,
    /// Landing pads entered.
    pub pads: u32,
    pub pad_addresses: [u64; RECORDED_PADS],
}

impl Unwinding {
    /// An unwinding that has not begun.
    pub const fn new(
        tables: Tables<'static>,
        stack: Stack,
        machinery: Range<u64>,
        failed: fn(&Unwinding, Error) -> !,
    ) -> Unwinding {
        let pad_addresses = [0; RECORDED_PADS];
        Unwinding { tables, stack, machinery, failed, origin: 0, frames: 0, pads: 0, pad_addresses }
    }

    /// The registers with which to enter the next landing pad.
    pub(crate) fn search(
        &mut self,
        mut registers: Registers,
        mut origin: Origin,
    ) -> Result<Registers, Error> {
        if origin == Origin::WildJump {
            self.origin = registers.pc;
            self.frames += 1;
            registers.pc = registers.x[crate::rules::LINK_REGISTER];
            origin = Origin::Call;
        }
        loop {
            // A call may be the last instruction of its function: its return address then
            // belongs to the next one.
            let pc = registers.pc.wrapping_sub(u64::from(origin == Origin::Call));
            self.count(pc)?;
            let fde = self.tables.find(pc)?;
            if let Some(lsda) = fde.lsda {
                let table = &self.tables.gcc_except_table;
                match lsda::find(table, lsda, fde.start, pc)? {
                    Landing::None => {}
                    Landing::Cleanup(pad) | Landing::Catch(pad) => {
                        if !self.stack.holds(registers.sp) {
                            return Err(Error::OutsideStack(registers.sp));
                        }
                        self.record(pad)?;
                        registers.pc = pad;
                        return Ok(registers);
                    }
                }
            }
            registers = frame::caller(&registers, &Row::at(pc, &fde)?, &self.stack)?;
            origin = if fde.cie.is_signal_frame { Origin::Fault } else { Origin::Call };
        }
    }

    fn count(&mut self, pc: u64) -> Result<(), Error> {
        if self.origin == 0 && !self.machinery.contains(&pc) {
            // The call instruction that pc - 1 lies in.
            self.origin = pc & !3;
        }
        if self.origin != 0 {
            self.frames += 1;
        }
        if self.frames > FRAME_LIMIT {
            return Err(Error::TooDeep);
        }
        Ok(())
    }

    fn record(&mut self, pad: u64) -> Result<(), Error> {
        if let Some(place) = self.pad_addresses.get_mut(self.pads as usize) {
            *place = pad;
        }
        self.pads += 1;
        if self.pads > PAD_LIMIT {
            return Err(Error::TooDeep);
        }
        Ok(())
    }
}
