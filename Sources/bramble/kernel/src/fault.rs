//! Faults at EL0: reflected to the thread's handler, which unwinds, or the end of the thread.

use core::sync::atomic::Ordering;

use bramble_abi::{Cause, FaultFrame, layout};

use crate::arch::TrapFrame;
use crate::thread::{self, Handler, State, Thread};
use crate::{ipc, println, recovery, scheduler};

/// A thread that faults more often than this without a recovery report in between is not
/// recovering but running in circles.
const MOST_FAULTS: usize = 8;

/// A synchronous exception of a thread at EL0.
pub fn handle(thread: &Thread, cause: Cause, syndrome: u64, address: u64) {
    if thread.is_dead() {
        return;
    }
    let address = match cause {
        Cause::DataAbort | Cause::InstructionAbort | Cause::Alignment => address,
        // FAR_EL1 still holds some older address.
        _ => 0,
    };
    let frame = *thread.context.lock();
    let handler = *thread.handler.lock();
    match handler {
        None => {
            report(thread, cause, &frame, address, "no handler");
            stop(thread);
        }
        Some(handler) => {
            if let Err(reason) = reflect(thread, handler, &frame, cause, syndrome, address) {
                report(thread, cause, &frame, address, reason);
                recovery::record_failure(thread, cause, frame.pc, address);
                stop(thread);
            }
        }
    }
}

/// Resumes the thread at its handler, with the registers of the fault on the handler's stack.
fn reflect(
    thread: &Thread,
    handler: Handler,
    frame: &TrapFrame,
    cause: Cause,
    syndrome: u64,
    address: u64,
) -> Result<(), &'static str> {
    let stack = handler.stack_top - layout::HANDLER_STACK_SIZE..=handler.stack_top;
    if stack.contains(&frame.sp) {
        return Err("fault inside the fault handler");
    }
    if thread.faults.fetch_add(1, Ordering::Relaxed) >= MOST_FAULTS {
        return Err("too many faults without a report");
    }
    let image = FaultFrame {
        x: frame.x,
        sp: frame.sp,
        pc: frame.pc,
        pstate: frame.pstate,
        syndrome,
        fault_address: address,
        cause,
        reserved: 0,
    };
    let place = (handler.stack_top - size_of::<FaultFrame>() as u64) & !15;
    let space = thread.space.as_ref().ok_or("no space")?;
    space.write(place, bytes_of(&image)).map_err(|_| "handler stack is not writable")?;
    let mut context = TrapFrame::user(handler.entry, place);
    context.x[0] = place;
    *thread.context.lock() = context;
    Ok(())
}

fn bytes_of(frame: &FaultFrame) -> &[u8] {
    // SAFETY: FaultFrame has no padding: words, and two halves of one.
    unsafe {
        core::slice::from_raw_parts((&raw const *frame).cast::<u8>(), size_of::<FaultFrame>())
    }
}

fn report(thread: &Thread, cause: Cause, frame: &TrapFrame, address: u64, reason: &str) {
    println!(
        "fault: thread={} name={} cause={} pc={:#018x} address={:#018x}: {reason}, stopped",
        thread.id,
        thread.name,
        recovery::cause_name(cause),
        frame.pc,
        address
    );
}

/// Ends a thread, wherever it runs or waits, and with the last one its domain.
pub fn stop(thread: &Thread) {
    if thread.is_dead() {
        return;
    }
    scheduler::retire(thread);
    thread.set_state(State::Dead);
    let domain = &thread.domain;
    domain.living.remove(1);
    if domain.living.get() == 0 {
        domain.alive.store(false, Ordering::Relaxed);
    }
    ipc::forget(thread);
    thread::bury(thread);
}
