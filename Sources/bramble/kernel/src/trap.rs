//! From a trap to whoever handles it, and to the thread that runs next.

use crate::arch::{Trap, TrapFrame, interrupts, timer};
use crate::thread::Thread;
use crate::{cpu, fault, irq, lock, scenario, scheduler, syscall, timeouts};

/// Every trap of every CPU. The frame is on the kernel stack; on return it holds the registers of
/// the thread that runs next.
#[unsafe(no_mangle)]
fn kernel_trap(frame: &mut TrapFrame, trap: Trap) {
    cpu::set_frame(trap.from_user().then_some(&raw mut *frame));
    lock::enter();
    let thread = cpu::current();
    *thread.context.lock() = *frame;
    handle(&thread, trap);
    drop(thread);
    scheduler::leave_kernel(frame);
    cpu::set_frame(None);
    lock::leave();
}

fn handle(thread: &Thread, trap: Trap) {
    match trap {
        Trap::Call => syscall::handle(thread),
        Trap::Fault { cause, syndrome, address } => fault::handle(thread, cause, syndrome, address),
        Trap::Interrupt { .. } => interrupt(),
    }
}

fn interrupt() {
    match interrupts::acknowledge() {
        interrupts::Interrupt::Timer => {
            let now = timer::now();
            timeouts::expire(now);
            scenario::check_time(now);
        }
        // Whoever signalled has changed the run queue, which leave_kernel looks at anyway.
        interrupts::Interrupt::Signal | interrupts::Interrupt::Spurious => {}
        interrupts::Interrupt::Device(line) => irq::deliver(line),
    }
}
