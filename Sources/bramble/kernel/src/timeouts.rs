//! Time-outs and sleep: waits that end at a time.
//!
//! Each CPU has the deadlines of the threads that began to wait there, in order; its timer strikes
//! at the first. A thread has at most one, and loses it when its wait ends, however it ends.

use alloc::collections::BTreeMap;

use bramble_abi::Error;

use crate::arch::{self, timer};
use crate::identifier::Tid;
use crate::thread::{Thread, Wait};
use crate::{cpu, wait};

/// By deadline (nanoseconds since boot).
pub type Timeouts = BTreeMap<(u64, Tid), Thread>;

#[derive(Clone, Copy, Debug)]
pub struct Timeout {
    /// Nanoseconds since boot.
    pub until: u64,
    /// The CPU whose timer strikes.
    pub cpu: usize,
}

/// Lets the wait that a thread has just begun last no longer than `patience` nanoseconds; 0 is for
/// ever.
pub fn limit(thread: &Thread, patience: u64) {
    if patience != 0 {
        start(thread, timer::now().saturating_add(patience));
    }
}

/// Lets the thread sleep.
pub fn sleep(thread: &Thread, nanoseconds: u64) {
    thread.block(Wait::Sleep);
    start(thread, timer::now().saturating_add(nanoseconds));
}

fn start(thread: &Thread, until: u64) {
    let cpu = arch::cpu_id();
    let before = thread.timeout.lock().replace(Timeout { until, cpu });
    assert!(before.is_none(), "a thread with two time-outs");
    cpu::with(cpu, |cpu| cpu.timeouts.lock().insert((until, thread.id), thread.clone()));
}

/// The wait has ended. The timer may strike once for nothing.
pub fn cancel(thread: &Thread) {
    let Some(Timeout { until, cpu }) = thread.timeout.lock().take() else { return };
    cpu::with(cpu, |cpu| cpu.timeouts.lock().remove(&(until, thread.id)));
}

/// Ends the waits of this CPU whose time is over.
pub fn expire(now: u64) {
    while let Some(thread) = first_due(now) {
        match thread.waits_for() {
            Some(Wait::Sleep) => wait::wake(&thread, &[0]),
            _ => wait::end(&thread, Error::TimedOut),
        }
    }
}

fn first_due(now: u64) -> Option<Thread> {
    cpu::with(arch::cpu_id(), |cpu| {
        let timeouts = cpu.timeouts.lock();
        let (&(until, _), thread) = timeouts.first_key_value()?;
        (until <= now).then(|| thread.clone())
    })
}

/// When this CPU's timer has to strike for somebody.
pub fn next() -> Option<u64> {
    cpu::with(arch::cpu_id(), |cpu| {
        cpu.timeouts.lock().first_key_value().map(|(&(until, _), _)| until)
    })
}
