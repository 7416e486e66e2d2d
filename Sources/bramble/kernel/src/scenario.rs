//! Which scenario was chosen, how far it is, and when the truth is told.

use alloc::string::String;
use alloc::vec::Vec;

use bramble_abi::Scenario;

use crate::arch::{self, timer};
use crate::identifier::Tid;
use crate::sync::Mutex;
use crate::thread::Thread;
use crate::{boot, manifest, println, sabotage, scheduler, truth};

/// From the last `Ready` to the truth lines, in nanoseconds.
const SETTLE: u64 = 200_000_000;
/// The truth is told after this time in any case (nanoseconds since boot).
const PATIENCE: u64 = 20_000_000_000;

/// How far the scenario is.
pub static PROGRESS: Mutex<Progress> = Mutex::new(Progress {
    scenario: Scenario::Steady,
    exit: false,
    debugger: false,
    debugger_first: false,
    expected: 0,
    ready: Vec::new(),
    deadline: None,
});

pub struct Progress {
    scenario: Scenario,
    /// Switch the machine off after the truth lines.
    exit: bool,
    /// Let a debugger use the console's port, if there is no other.
    debugger: bool,
    /// Wait for it before anything starts.
    debugger_first: bool,
    /// Threads of the manifest.
    expected: usize,
    ready: Vec<Tid>,
    /// When the truth is told; `None` once it has been.
    deadline: Option<u64>,
}

/// Reads `scenario=NAME`, `exit=1`, `gdb=console` and `gdb=wait` from the kernel's command line.
pub fn choose(arguments: &[u8]) {
    let arguments = String::from_utf8_lossy(arguments);
    let mut progress = PROGRESS.lock();
    for argument in arguments.split_ascii_whitespace() {
        match argument.split_once('=') {
            Some(("scenario", name)) if let Some(scenario) = Scenario::from_name(name) => {
                progress.scenario = scenario;
            }
            Some(("exit", "1")) => progress.exit = true,
            Some(("gdb", "console")) => progress.debugger = true,
            Some(("gdb", "wait")) => (progress.debugger, progress.debugger_first) = (true, true),
            _ => println!("bramble: '{argument}' on the command line is unknown"),
        }
    }
}

pub fn chosen() -> Scenario {
    PROGRESS.lock().scenario
}

pub fn name() -> &'static str {
    chosen().name()
}

/// Whether a debugger is asked for, and whether it is waited for.
pub fn debugger() -> (bool, bool) {
    let progress = PROGRESS.lock();
    (progress.debugger, progress.debugger_first)
}

/// For a panic, which may strike while the lock is held.
pub fn exit_requested() -> bool {
    PROGRESS.try_lock().is_some_and(|progress| progress.exit)
}

/// Creates and starts everything in the manifest.
pub fn start() {
    let threads = boot::create_all(manifest::of(chosen()))
        .unwrap_or_else(|error| panic!("the scenario cannot start: {error:?}"));
    let mut progress = PROGRESS.lock();
    progress.expected = threads.len();
    progress.deadline = Some(PATIENCE);
    drop(progress);
    for thread in &threads {
        scheduler::make_ready(thread);
    }
}

/// A thread's word that it has done its part. After the last one the system settles.
pub fn thread_is_ready(thread: &Thread) {
    let mut progress = PROGRESS.lock();
    if progress.deadline.is_none() || progress.ready.contains(&thread.id) {
        return;
    }
    progress.ready.push(thread.id);
    if progress.ready.len() == progress.expected {
        progress.deadline = Some(timer::now() + SETTLE);
        // CPU 0 keeps the deadline.
        if arch::cpu_id() != 0 {
            arch::interrupts::notify(0);
        }
    }
}

/// When CPU 0 has to look at the clock.
pub fn deadline() -> Option<u64> {
    PROGRESS.lock().deadline
}

/// Tells the truth when its time has come.
pub fn check_time(now: u64) {
    let mut progress = PROGRESS.lock();
    if !progress.deadline.is_some_and(|deadline| deadline <= now) {
        return;
    }
    progress.deadline = None;
    let (ready, expected, exit) = (progress.ready.len(), progress.expected, progress.exit);
    drop(progress);
    if ready < expected {
        println!("bramble: only {ready} of {expected} threads got ready");
    }
    if chosen() == Scenario::Crash {
        // The truth follows from the panic.
        return sabotage::strike();
    }
    truth::tell();
    if exit {
        arch::power::switch_off();
    }
}
