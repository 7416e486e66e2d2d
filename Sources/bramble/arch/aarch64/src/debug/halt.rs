//! Stopping all CPUs for one of them, the owner, which talks to the debugger.

use core::hint;
use core::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};

use bramble_stub::Action;

use super::context::Context;
use super::hardware;
use crate::stack::MOST_CPUS;
use crate::{cpu_id, interrupts, timer};

/// How long the owner waits for another CPU to stand still, in nanoseconds. A CPU that masks fast
/// interrupts for good goes on without the debugger's knowledge.
const PATIENCE: u64 = 500_000_000;

const NOBODY: usize = usize::MAX;
static OWNER: AtomicUsize = AtomicUsize::new(NOBODY);

/// What the debugger knows of a CPU.
struct Cpu {
    /// It takes fast interrupts.
    is_online: AtomicBool,
    /// It has to stand still.
    is_held: AtomicBool,
    /// It stands still, its context in memory.
    is_halted: AtomicBool,
    /// What it does next.
    action: AtomicU8,
}

static CPUS: [Cpu; MOST_CPUS] = [const {
    Cpu {
        is_online: AtomicBool::new(false),
        is_held: AtomicBool::new(false),
        is_halted: AtomicBool::new(false),
        action: AtomicU8::new(Action::Continue as u8),
    }
}; MOST_CPUS];

/// This CPU can be stopped from now on.
pub fn come_online() {
    CPUS[cpu_id()].is_online.store(true, Ordering::Release);
}

pub fn is_halted(cpu: usize) -> bool {
    CPUS.get(cpu).is_some_and(|cpu| cpu.is_halted.load(Ordering::Acquire))
}

/// Is there an owner who wants this CPU to stand still?
pub fn is_held() -> bool {
    CPUS[cpu_id()].is_held.load(Ordering::Acquire)
}

/// Makes this CPU the owner; false if there is one already.
pub fn own() -> bool {
    OWNER.compare_exchange(NOBODY, cpu_id(), Ordering::AcqRel, Ordering::Relaxed).is_ok()
}

/// Ends the ownership.
pub fn disown() {
    OWNER.store(NOBODY, Ordering::Release);
}

pub fn is_owned() -> bool {
    OWNER.load(Ordering::Acquire) != NOBODY
}

/// Stops all other CPUs for the owner. Those that do not come within the time stay unhalted.
pub fn halt_all() {
    let own = cpu_id();
    CPUS[own].is_halted.store(true, Ordering::Release);
    let others = || (0..MOST_CPUS).filter(|&cpu| cpu != own && is_online(cpu));
    for cpu in others() {
        CPUS[cpu].is_held.store(true, Ordering::Release);
        interrupts::stop(cpu);
    }
    let deadline = timer::now().saturating_add(PATIENCE);
    for cpu in others() {
        while !is_halted(cpu) && timer::now() < deadline {
            hint::spin_loop();
        }
    }
}

fn is_online(cpu: usize) -> bool {
    CPUS[cpu].is_online.load(Ordering::Acquire)
}

/// Tells every CPU, this one too, what it does once the owner has gone.
pub fn plan(actions: impl Fn(usize) -> Action) {
    for (number, cpu) in CPUS.iter().enumerate() {
        let action = actions(number);
        cpu.action.store(action as u8, Ordering::Relaxed);
        cpu.is_held.store(action == Action::Stay, Ordering::Release);
    }
}

/// Stands still as long as this CPU is held. `idle` is called meanwhile, whenever there is no owner.
pub fn wait(context: &mut Context, idle: impl Fn()) {
    let cpu = &CPUS[cpu_id()];
    cpu.is_halted.store(true, Ordering::Release);
    while cpu.is_held.load(Ordering::Acquire) {
        if is_owned() {
            hint::spin_loop();
        } else {
            idle();
        }
    }
    cpu.is_halted.store(false, Ordering::Release);
    let action = cpu.action.swap(Action::Continue as u8, Ordering::Relaxed);
    let is_step = action == Action::Step as u8;
    if is_step {
        context.begin_step();
    }
    hardware::load(is_step);
}
