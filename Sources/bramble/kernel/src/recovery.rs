//! The recovery log: what servers report about faults they have survived, or not.

use core::mem::offset_of;
use core::sync::atomic::Ordering;

use bramble_abi::{Cause, Error, Outcome, REPORTED_PADS, RecoveryReport};

use crate::arch::timer;
use crate::identifier::{DomainId, Tid};
use crate::ring::Ring;
use crate::space::Space;
use crate::sync::Mutex;
use crate::thread::Thread;
use crate::{fault, ipc, println};

pub static RECOVERY_LOG: Mutex<Ring<RecoveryEvent, 64>> = Mutex::new(Ring::new());

#[derive(Clone, Copy, Debug)]
#[expect(dead_code, reason = "the log is also written for whoever reads the kernel's memory")]
pub struct RecoveryEvent {
    pub sequence: u64,
    /// When it was reported (nanoseconds since boot).
    pub time: u64,
    pub domain: DomainId,
    pub thread: Tid,
    pub cause: Cause,
    pub pc: u64,
    pub fault_address: u64,
    /// Frames walked, the faulting one included.
    pub frames: u32,
    /// Landing pads entered, the catch included.
    pub pads: u32,
    /// The first of them, the others 0.
    pub pad_addresses: [u64; REPORTED_PADS],
    pub released_blocks: u32,
    pub released_locks: u32,
    pub outcome: Outcome,
    /// Of the domain, after this event.
    pub generation: u64,
    /// From the fault to the catch, in nanoseconds.
    pub duration: u64,
}

/// Takes a report from EL0. Nothing in it is trusted beyond being numbers.
pub fn read_report(space: &Space, address: u64) -> Result<RecoveryReport, Error> {
    let mut bytes = [0; size_of::<RecoveryReport>()];
    space.read(address, &mut bytes)?;
    let word = |at: usize| u32::from_le_bytes(core::array::from_fn(|i| bytes[at + i]));
    let double = |at: usize| u64::from_le_bytes(core::array::from_fn(|i| bytes[at + i]));
    let pads = offset_of!(RecoveryReport, pad_addresses);
    Ok(RecoveryReport {
        cause: Cause::from_number(word(offset_of!(RecoveryReport, cause)))
            .ok_or(Error::InvalidArgument)?,
        outcome: Outcome::from_number(word(offset_of!(RecoveryReport, outcome)))
            .ok_or(Error::InvalidArgument)?,
        pc: double(offset_of!(RecoveryReport, pc)),
        fault_address: double(offset_of!(RecoveryReport, fault_address)),
        frames: word(offset_of!(RecoveryReport, frames)),
        pads: word(offset_of!(RecoveryReport, pads)),
        released_blocks: word(offset_of!(RecoveryReport, released_blocks)),
        released_locks: word(offset_of!(RecoveryReport, released_locks)),
        began: double(offset_of!(RecoveryReport, began)),
        duration: double(offset_of!(RecoveryReport, duration)),
        pad_addresses: core::array::from_fn(|pad| double(pads + 8 * pad)),
    })
}

/// Appends a report to the log; the domain's new generation.
pub fn record(thread: &Thread, report: &RecoveryReport) -> u64 {
    thread.faults.store(0, Ordering::Relaxed);
    thread.generation.fetch_add(1, Ordering::Relaxed);
    let generation = thread.domain.generation.fetch_add(1, Ordering::Relaxed) + 1;
    let mut log = RECOVERY_LOG.lock();
    let event = RecoveryEvent {
        sequence: log.next_sequence,
        time: timer::now(),
        domain: thread.domain.id,
        thread: thread.id,
        cause: report.cause,
        pc: report.pc,
        fault_address: report.fault_address,
        frames: report.frames,
        pads: report.pads,
        pad_addresses: report.pad_addresses,
        released_blocks: report.released_blocks,
        released_locks: report.released_locks,
        outcome: report.outcome,
        generation,
        duration: report.duration,
    };
    println!(
        "recovery: sequence={} domain={} name={} thread={} cause={} pc={:#018x} frames={} pads={} \
         released_blocks={} released_locks={} outcome={} generation={}",
        event.sequence,
        event.domain,
        thread.domain.name,
        event.thread,
        cause_name(event.cause),
        event.pc,
        event.frames,
        event.pads,
        event.released_blocks,
        event.released_locks,
        outcome_name(event.outcome),
        event.generation
    );
    log.append(|_| event);
    generation
}

/// A recovery that the kernel itself saw fail.
pub fn record_failure(thread: &Thread, cause: Cause, pc: u64, fault_address: u64) {
    let report = RecoveryReport {
        cause,
        outcome: Outcome::Failed,
        pc,
        fault_address,
        frames: 0,
        pads: 0,
        released_blocks: 0,
        released_locks: 0,
        began: timer::now(),
        duration: 0,
        pad_addresses: [0; REPORTED_PADS],
    };
    record(thread, &report);
}

/// What follows from the outcome for the client and for the thread.
pub fn settle(thread: &Thread, outcome: Outcome) {
    match outcome {
        // The server will answer, as if nothing had happened.
        Outcome::Retried => {}
        Outcome::Restarted => ipc::give_up_served(thread, Error::ServerFault),
        Outcome::Failed => {
            ipc::give_up_served(thread, Error::ServerFault);
            fault::stop(thread);
        }
    }
}

pub fn cause_name(cause: Cause) -> &'static str {
    match cause {
        Cause::Panic => "panic",
        Cause::DataAbort => "data-abort",
        Cause::InstructionAbort => "instruction-abort",
        Cause::UndefinedInstruction => "undefined-instruction",
        Cause::Alignment => "alignment",
        Cause::Other => "other",
    }
}

pub fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Retried => "retried",
        Outcome::Restarted => "restarted",
        Outcome::Failed => "failed",
    }
}
