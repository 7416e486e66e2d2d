//! The recovery log: what servers report about faults they have survived, or not.

use core::fmt;
use core::mem::offset_of;
use core::sync::atomic::Ordering;

use bramble_abi::{Cause, Error, Level, Outcome, RecoveryReport};

use crate::account::Reported;
use crate::arch::timer;
use crate::identifier::{DomainId, OrDash, Tid};
use crate::ring::Ring;
use crate::space::Space;
use crate::sync::Mutex;
use crate::thread::Thread;
use crate::{account, fault, ipc, println};

pub static RECOVERY_LOG: Mutex<Ring<RecoveryEvent, 64>> = Mutex::new(Ring::new());

#[derive(Clone, Copy, Debug)]
pub struct RecoveryEvent {
    pub sequence: u64,
    /// When it was reported (nanoseconds since boot).
    pub time: u64,
    pub domain: DomainId,
    pub thread: Tid,
    /// Of the domain, after this event.
    pub generation: u64,
    /// Whether the kernel's books agreed with what it found afterwards.
    pub balanced: bool,
    /// What the domain's runtime says; the kernel vouches for the rest only.
    pub report: RecoveryReport,
}

/// Takes a report from EL0. Nothing in it is trusted beyond being numbers.
pub fn read_report(space: &Space, address: u64) -> Result<RecoveryReport, Error> {
    let mut bytes = [0; size_of::<RecoveryReport>()];
    space.read(address, &mut bytes)?;
    let word = |at: usize| u32::from_le_bytes(core::array::from_fn(|i| bytes[at + i]));
    let double = |at: usize| u64::from_le_bytes(core::array::from_fn(|i| bytes[at + i]));
    let pads = offset_of!(RecoveryReport, pad_addresses);
    macro_rules! report {
        (numbers: $($number:ident)*; words: $($word:ident)*; doubles: $($double:ident)*) => {
            RecoveryReport {
                $($number: numbered(word(offset_of!(RecoveryReport, $number)))?,)*
                $($word: word(offset_of!(RecoveryReport, $word)),)*
                $($double: double(offset_of!(RecoveryReport, $double)),)*
                pad_addresses: core::array::from_fn(|pad| double(pads + 8 * pad)),
            }
        };
    }
    Ok(report! {
        numbers: cause level outcome;
        words: frames pads released_blocks released_locks ledger_blocks ledger_locks
            ledger_capabilities lost double_releases held_blocks held_locks;
        doubles: client label pc fault_address began duration
    })
}

fn numbered<T: FromNumber>(number: u32) -> Result<T, Error> {
    T::from_number(number).ok_or(Error::InvalidArgument)
}

trait FromNumber: Sized {
    fn from_number(number: u32) -> Option<Self>;
}

macro_rules! from_number {
    ($($name:ident)*) => {
        $(impl FromNumber for $name {
            fn from_number(number: u32) -> Option<Self> {
                $name::from_number(number)
            }
        })*
    };
}
from_number!(Cause Level Outcome);

/// Appends a report to the log; the domain's new generation.
pub fn record(thread: &Thread, report: &RecoveryReport) -> u64 {
    thread.faults.store(0, Ordering::Relaxed);
    thread.generation.fetch_add(1, Ordering::Relaxed);
    let generation = thread.domain.generation.fetch_add(1, Ordering::Relaxed) + 1;
    *thread.domain.account.reported.lock() =
        Some(Reported { blocks: report.held_blocks.into(), locks: report.held_locks.into() });
    let mut log = RECOVERY_LOG.lock();
    let event = RecoveryEvent {
        sequence: log.next_sequence,
        time: timer::now(),
        domain: thread.domain.id,
        thread: thread.id,
        generation,
        balanced: balance(),
        report: *report,
    };
    println!("recovery: name={} {event}", thread.domain.name);
    println!(
        "recovery: {}: released by unwinding: {} blocks, {} locks; released by ledger: {} blocks, \
         {} locks, {} capabilities; lost: {}",
        thread.domain.name,
        report.released_blocks,
        report.released_locks,
        report.ledger_blocks,
        report.ledger_locks,
        report.ledger_capabilities,
        report.lost
    );
    log.append(|_| event);
    generation
}

/// Counts everything again; says so if the books are wrong.
fn balance() -> bool {
    let result = account::check();
    if let Err(imbalance) = result {
        println!("recovery: the books are wrong: {imbalance:?}");
    }
    result.is_ok()
}

/// A recovery that the kernel itself saw fail.
pub fn record_failure(thread: &Thread, cause: Cause, pc: u64, fault_address: u64) {
    let report = RecoveryReport {
        cause,
        level: Level::Domain,
        outcome: Outcome::Failed,
        pc,
        fault_address,
        client: thread.serving.lock().map_or(0, |client| client.0 as u64),
        began: timer::now(),
        ..RecoveryReport::EMPTY
    };
    record(thread, &report);
}

/// What follows from the outcome for the client and for the thread.
pub fn settle(thread: &Thread, outcome: Outcome) {
    match outcome {
        // The server will answer, as if nothing had happened.
        Outcome::Retried => {}
        Outcome::Restarted => ipc::give_up_served(thread, Error::ServerFault),
        Outcome::Failed => fault::stop(thread),
    }
}

/// As in a truth line.
impl fmt::Display for RecoveryEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let report = &self.report;
        write!(
            formatter,
            "sequence={} domain={} thread={} client={} label={:#x} cause={} pc={:#018x} level={} \
             frames={} pads={} released_blocks={} released_locks={} ledger_blocks={} \
             ledger_locks={} ledger_capabilities={} lost={} double_releases={} outcome={} \
             generation={} balanced={}",
            self.sequence,
            self.domain,
            self.thread,
            OrDash((report.client != 0).then_some(report.client)),
            report.label,
            cause_name(report.cause),
            report.pc,
            level_name(report.level),
            report.frames,
            report.pads,
            report.released_blocks,
            report.released_locks,
            report.ledger_blocks,
            report.ledger_locks,
            report.ledger_capabilities,
            report.lost,
            report.double_releases,
            outcome_name(report.outcome),
            self.generation,
            if self.balanced { "yes" } else { "no" }
        )
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
        Cause::ControlFlow => "cfi",
        Cause::Watchdog => "watchdog",
        Cause::Context => "context",
        Cause::DoubleRelease => "double-release",
    }
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Request => "request",
        Level::Server => "server",
        Level::Domain => "domain",
    }
}

fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Retried => "retried",
        Outcome::Restarted => "restarted",
        Outcome::Failed => "failed",
    }
}
