//! What each CPU runs.

use core::sync::atomic::{AtomicUsize, Ordering};

use crate::arch::{self, TrapFrame};
use crate::queue::Queue;
use crate::sync::Mutex;
use crate::thread::{self, Thread};
use crate::timeouts::Timeouts;

/// The most CPUs that the kernel works on.
pub const MAXIMUM: usize = arch::stack::MOST_CPUS;

pub struct Cpu {
    /// The thread that runs here; `None` until the CPU is set up.
    pub current: Option<Thread>,
    /// The frame on the kernel stack while a trap from EL0 is handled: only then are the registers
    /// of `current` there.
    pub frame: Option<*mut TrapFrame>,
    pub run_queue: Mutex<Queue<Thread>>,
    /// Of threads that began to wait here; this CPU's timer ends their waits.
    pub timeouts: Mutex<Timeouts>,
    pub idle_thread: Option<Thread>,
    /// Up to when the time of `current` is in its `cpu_time` (nanoseconds since boot).
    pub charged: u64,
    /// When `current` has to let others run (nanoseconds since boot).
    pub slice_end: u64,
}

/// Who writes what: `frame` its own CPU; everything else whoever holds the kernel lock.
pub static mut CPUS: [Cpu; MAXIMUM] = [const {
    Cpu {
        current: None,
        frame: None,
        run_queue: Mutex::new(Queue::new()),
        timeouts: Mutex::new(Timeouts::new()),
        idle_thread: None,
        charged: 0,
        slice_end: 0,
    }
}; MAXIMUM];

static ONLINE: AtomicUsize = AtomicUsize::new(1);

/// Gives CPUs 0..`count` their idle threads.
pub fn initialise(count: usize) {
    for cpu in 0..count {
        let thread = thread::create_idle(cpu);
        with(cpu, |cpu| {
            cpu.current = Some(thread.clone());
            cpu.idle_thread = Some(thread);
        });
    }
    ONLINE.store(count, Ordering::Relaxed);
}

pub fn online() -> usize {
    ONLINE.load(Ordering::Relaxed)
}

/// Works on the record of a CPU. Calls must not nest.
pub fn with<R>(cpu: usize, work: impl FnOnce(&mut Cpu) -> R) -> R {
    assert!(cpu < MAXIMUM);
    // SAFETY: the caller holds the kernel lock, and closures below and in scheduler.rs never call
    // `with` again: the reference is unique. (`frame` is only touched through raw pointers.)
    let record = unsafe { &mut *(&raw mut CPUS).cast::<Cpu>().add(cpu) };
    work(record)
}

/// The thread whose trap this CPU handles.
pub fn current() -> Thread {
    with(arch::cpu_id(), |cpu| cpu.current.clone()).expect("a trap before the CPU was set up")
}

/// Remembers, or forgets, where the trap's frame lies. Needs no lock.
pub fn set_frame(frame: Option<*mut TrapFrame>) {
    // SAFETY: a field that only its own CPU writes, and not while it is inside `with`.
    unsafe {
        let cpu = (&raw mut CPUS).cast::<Cpu>().add(arch::cpu_id());
        (&raw mut (*cpu).frame).write_volatile(frame);
    }
}

/// The registers that a CPU saved when it trapped from EL0. The CPU must be quiesced.
pub fn frame(cpu: usize) -> Option<TrapFrame> {
    // SAFETY: a quiesced CPU waits for the kernel lock inside trap(), so its frame stays as it is.
    unsafe {
        let frame = (&raw const (*(&raw const CPUS).cast::<Cpu>().add(cpu)).frame).read_volatile();
        frame.map(|frame| frame.read())
    }
}
