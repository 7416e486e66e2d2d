//! bramble: a small micro-kernel whose servers are isolated by the language and recover from
//! faults by unwinding.
//!
//! Every trap takes the kernel lock (`lock`), works on objects that live in the maps of `thread`,
//! `domain`, `space` and `ipc`, and leaves with the frame of the thread that runs next. The kernel
//! itself is never preempted and never blocks.
#![no_std]
#![no_main]

extern crate alloc;

mod account;
mod boot;
mod capability;
mod console;
mod cpu;
mod crash;
mod creation;
mod derivation;
mod domain;
mod fault;
mod frame;
mod heap;
mod identifier;
mod inspect;
mod ipc;
mod irq;
mod loader;
mod lock;
mod manifest;
mod memory;
mod notification;
mod panic;
mod queue;
mod recovery;
mod ring;
mod sabotage;
mod scenario;
mod scheduler;
mod space;
mod sync;
mod syscall;
mod thread;
mod timeouts;
mod trace;
mod trap;
mod truth;
mod user_lock;
mod wait;

use bramble_arch as arch;
use core::sync::atomic::{AtomicUsize, Ordering};

/// What this kernel is, for whoever looks into its memory.
#[used]
pub static BUILD: &str = concat!("bramble 1, servers by the language, ", env!("BRAMBLE_TARGET"));

/// CPUs that have reached their idle loop.
static ONLINE: AtomicUsize = AtomicUsize::new(0);

/// CPU 0 arrives here from `boot.s` with the MMU on.
#[unsafe(no_mangle)]
extern "C" fn kernel_main() -> ! {
    lock::enter();
    let machine = arch::board::machine();
    memory::initialise(machine.memory_end);
    scenario::choose(machine.arguments);
    arch::interrupts::initialise();
    arch::serial::initialise();
    let (debugger, debugger_first) = scenario::debugger();
    arch::debug::initialise(debugger);
    println!(
        "bramble: {}, {} CPUs, {} MiB, scenario {}",
        arch::board::NAME,
        machine.cpus,
        memory::mebibytes(),
        scenario::name()
    );

    domain::create_kernel_domain();
    cpu::initialise(machine.cpus);
    ready_for_traps();
    if debugger_first {
        println!("bramble: waiting for a debugger");
        arch::debug::call();
    }
    for cpu in 1..machine.cpus {
        arch::power::start_cpu(cpu);
    }
    while ONLINE.load(Ordering::Acquire) < machine.cpus {
        core::hint::spin_loop();
    }
    scenario::start();
    // The first interrupt comes at once and finds the run queue filled.
    arch::timer::set_deadline(Some(0));
    lock::leave();
    arch::enter_idle()
}

/// The other CPUs arrive here. They find work, if any, at their first interrupt.
#[unsafe(no_mangle)]
extern "C" fn kernel_secondary_main(_cpu: usize) -> ! {
    ready_for_traps();
    arch::enter_idle()
}

fn ready_for_traps() {
    arch::activate(None);
    arch::interrupts::initialise_cpu();
    arch::debug::initialise_cpu();
    ONLINE.fetch_add(1, Ordering::AcqRel);
}
