//! The machine as the stub sees it.

use core::arch::asm;
use core::hint;

use bramble_stub::{BreakpointKind, CORE_REGISTERS, Refusal, Target};

use super::breakpoints::Breakpoints;
use super::context::Context;
use super::hardware::{self, Watch};
use super::{halt, memory, port};
use crate::address::PAGE;

const SP: usize = 31;
const PC: usize = 32;
const CPSR: usize = 33;
/// In CPSR, the exception level and the choice of the stack: to change these would only crash.
const MODE: u64 = 0x1f;

/// All CPUs, standing still.
pub struct Machine<'a> {
    pub breakpoints: &'a mut Breakpoints,
}

/// The context of a CPU that stands still.
fn context(cpu: usize) -> Option<&'static mut Context> {
    // SAFETY: only the owner has a Machine, all others wait; each reference ends within one call.
    halt::is_halted(cpu).then(|| unsafe { Context::of(cpu) })
}

impl Target for Machine<'_> {
    fn put(&mut self, byte: u8) {
        port::put(byte);
    }

    fn get(&mut self) -> u8 {
        loop {
            if let Some(byte) = port::receive() {
                return byte;
            }
            hint::spin_loop();
        }
    }

    fn is_halted(&self, cpu: usize) -> bool {
        halt::is_halted(cpu)
    }

    fn register(&self, cpu: usize, number: usize) -> Option<u64> {
        let context = context(cpu)?;
        Some(match number {
            0..SP => context.x[number],
            SP => *context.sp(),
            PC => context.pc,
            CPSR => context.pstate,
            _ => return system_register(cpu, context, number - CORE_REGISTERS),
        })
    }

    fn set_register(&mut self, cpu: usize, number: usize, value: u64) -> Result<(), Refusal> {
        let context = context(cpu).ok_or(Refusal::Failed)?;
        match number {
            0..SP => context.x[number] = value,
            SP => *context.sp() = value,
            PC => context.pc = value,
            CPSR => context.pstate = value & !MODE | context.pstate & MODE,
            _ => return Err(Refusal::Failed),
        }
        Ok(())
    }

    fn read(&mut self, cpu: usize, address: u64, bytes: &mut [u8]) -> usize {
        let mut done = 0;
        while done < bytes.len() {
            let at = address.wrapping_add(done as u64);
            let count = left_in_page(at).min(bytes.len() - done);
            let Some(physical) = translate(cpu, at) else { break };
            let read = self.breakpoints.read(physical, &mut bytes[done..done + count]);
            done += read;
            if read < count {
                break;
            }
        }
        done
    }

    fn write(&mut self, cpu: usize, address: u64, bytes: &[u8]) -> Result<(), Refusal> {
        let mut done = 0;
        while done < bytes.len() {
            let at = address.wrapping_add(done as u64);
            let count = left_in_page(at).min(bytes.len() - done);
            let physical = translate(cpu, at).ok_or(Refusal::Failed)?;
            if !self.breakpoints.write(physical, &bytes[done..done + count]) {
                return Err(Refusal::Failed);
            }
            done += count;
        }
        Ok(())
    }

    fn insert(
        &mut self,
        cpu: usize,
        kind: BreakpointKind,
        address: u64,
        length: u64,
    ) -> Result<(), Refusal> {
        let is_done = match (kind, watch(kind)) {
            (_, Some(watch)) => hardware::insert_watchpoint(watch, address, length),
            (BreakpointKind::Hardware, _) => Some(hardware::insert_breakpoint(address)),
            _ if address % 4 != 0 => None,
            _ => translate(cpu, address).map(|physical| self.breakpoints.insert(physical)),
        };
        if is_done == Some(true) { Ok(()) } else { Err(Refusal::Failed) }
    }

    fn remove(
        &mut self,
        cpu: usize,
        kind: BreakpointKind,
        address: u64,
        length: u64,
    ) -> Result<(), Refusal> {
        match (kind, watch(kind)) {
            (_, Some(watch)) => hardware::remove_watchpoint(watch, address, length),
            (BreakpointKind::Hardware, _) => hardware::remove_breakpoint(address),
            _ => {
                let physical = translate(cpu, address).ok_or(Refusal::Failed)?;
                self.breakpoints.remove(physical);
            }
        }
        Ok(())
    }

    fn remove_all(&mut self) {
        self.breakpoints.remove_all();
        hardware::remove_all();
    }
}

fn watch(kind: BreakpointKind) -> Option<Watch> {
    match kind {
        BreakpointKind::Write => Some(Watch::Write),
        BreakpointKind::Read => Some(Watch::Read),
        BreakpointKind::Access => Some(Watch::Access),
        BreakpointKind::Software | BreakpointKind::Hardware => None,
    }
}

fn left_in_page(address: u64) -> usize {
    PAGE - address as usize % PAGE
}

fn translate(cpu: usize, address: u64) -> Option<u64> {
    memory::translate(context(cpu)?.user_root, address)
}

/// Reads a system register that is the same on all CPUs.
macro_rules! read {
    ($name:literal) => {{
        let value: u64;
        // SAFETY: reads a register.
        unsafe { asm!(concat!("mrs {}, ", $name), out(reg) value, options(nomem, nostack)) };
        value
    }};
}

/// In the order of `bramble_stub::SYSTEM_REGISTERS`.
fn system_register(cpu: usize, context: &Context, number: usize) -> Option<u64> {
    Some(match number {
        0 => context.user_sp,
        1 => context.kernel_sp,
        2 => context.syndrome,
        3 => context.fault_address,
        4 => context.user_root,
        5 => read!("ttbr1_el1"),
        6 => read!("tcr_el1"),
        7 => read!("mair_el1"),
        8 => read!("sctlr_el1"),
        9 => read!("vbar_el1"),
        10 => cpu as u64,
        _ => return None,
    })
}
