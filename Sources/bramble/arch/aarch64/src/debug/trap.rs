//! Every entry into the debugger.

use core::hint;

use bramble_stub::{Action, Cause, Resumption, Stop, Wish, signal};

use super::breakpoints::{BREAKPOINT, Breakpoints};
use super::context::Context;
use super::hardware::{self, Watch};
use super::session::{self, Session};
use super::target::Machine;
use super::{halt, memory, port};
use crate::{cpu_id, interrupts, power, stack};

/// How the entry came about; the numbers are those of entry.s.
mod kind {
    pub const KERNEL: usize = 0;
    pub const FAST: usize = 1;
}

/// What entry.s does next; the numbers are known there.
#[repr(usize)]
pub enum Exit {
    GoOn = 0,
    KernelFault = 1,
    UserFault = 2,
}

/// Immediates of instructions with which the kernel itself calls the debugger.
pub const CALL: u64 = 0xb01;
pub const CALL_FATAL: u64 = 0xb02;

/// A stop that is over when the owner lets this CPU go on; or not the debugger's affair.
enum Event {
    Stop(u8, Cause),
    Elsewhere(Exit),
}

/// Called by entry.s on the CPU's stack for this purpose, with everything masked.
pub extern "C" fn debug_trap(context: &mut Context, kind: usize) -> Exit {
    context.note_user_root();
    if kind == kind::FAST {
        interrupts::acknowledge_fast();
        if !halt::is_held() && port::is_open() && halt::own() {
            listen();
            halt::disown();
        }
        stand_still(context);
        return Exit::GoOn;
    }
    context.end_step();
    match event(context, kind) {
        Event::Stop(signal, cause) => {
            stop(context, signal, cause);
            Exit::GoOn
        }
        Event::Elsewhere(exit) => exit,
    }
}

/// What an exception means.
fn event(context: &mut Context, kind: usize) -> Event {
    const CLASS_BRK: u64 = 0x3c;
    let class = context.syndrome >> 26 & 0x3f;
    match class {
        // Lower and same exception level alike.
        0x30 | 0x31 => Event::Stop(signal::TRAP, Cause::HardwareBreakpoint),
        0x32 | 0x33 => Event::Stop(signal::TRAP, Cause::Signal),
        0x34 | 0x35 => Event::Stop(signal::TRAP, watched(context.fault_address)),
        CLASS_BRK => match (kind, context.syndrome & 0xffff) {
            (_, BREAKPOINT) => breakpoint(context, kind),
            (kind::KERNEL, CALL) => called(context, signal::TRAP),
            (kind::KERNEL, CALL_FATAL) => called(context, signal::ABORT),
            _ => Event::Elsewhere(fault(context, kind)),
        },
        _ => Event::Elsewhere(fault(context, kind)),
    }
}

fn watched(address: u64) -> Cause {
    match hardware::watching(address) {
        Some(Watch::Read) => Cause::Read(address),
        Some(Watch::Access) => Cause::Access(address),
        _ => Cause::Write(address),
    }
}

/// The kernel itself has called; it goes on behind the call.
fn called(context: &mut Context, signal: u8) -> Event {
    context.pc += 4;
    if port::is_open() { Event::Stop(signal, Cause::Signal) } else { Event::Elsewhere(Exit::GoOn) }
}

/// The instruction of a breakpoint: an inserted one, one that has just been removed, or a program's
/// own.
fn breakpoint(context: &mut Context, kind: usize) -> Event {
    while !halt::own() {
        stand_still(context);
    }
    let place = memory::translate(context.user_root, context.pc);
    // SAFETY: this CPU is the owner.
    let is_inserted = place.is_some_and(|place| unsafe {
        session::with(|session| session.breakpoints.contains(place))
    });
    let is_there = place.is_some_and(Breakpoints::is_instruction);
    memory::hide();
    halt::disown();
    if is_inserted {
        Event::Stop(signal::TRAP, Cause::SoftwareBreakpoint)
    } else if is_there {
        Event::Elsewhere(fault(context, kind))
    } else {
        Event::Elsewhere(Exit::GoOn)
    }
}

/// Not the debugger's affair: the kernel deals with it on its own stack, or on the empty one if it
/// has lost that.
fn fault(context: &mut Context, kind: usize) -> Exit {
    if kind != kind::KERNEL {
        return Exit::UserFault;
    }
    if !stack::is_usable(context.kernel_sp) {
        context.kernel_sp = stack::top(cpu_id()) as u64;
    }
    Exit::KernelFault
}

/// As the owner: serves the debugger if it wants the machine to stand still.
fn listen() {
    let mut wish = Wish::Nothing;
    while wish == Wish::Nothing
        && let Some(byte) = port::receive()
    {
        // SAFETY: this CPU is the owner.
        wish = unsafe { session::with(|session| session.stub.notice(byte)) };
    }
    if wish == Wish::Halt {
        serve(Stop { cpu: cpu_id(), signal: signal::INTERRUPT, cause: Cause::Signal });
    }
}

/// Stops the machine and reports this event, unless another CPU's was first and holds this one. An
/// owner who has just let this CPU go has to leave before: a step that ends as early as that must
/// not be lost, as nothing would hit it again.
fn stop(context: &mut Context, signal: u8, cause: Cause) {
    while !halt::is_held() {
        if halt::own() {
            serve(Stop { cpu: cpu_id(), signal, cause });
            halt::disown();
            break;
        }
        hint::spin_loop();
    }
    stand_still(context);
}

/// Talks to the debugger, as the owner, until the machine goes on.
fn serve(stop: Stop) {
    halt::halt_all();
    // SAFETY: this CPU is the owner.
    let resumption = unsafe {
        session::with(|Session { stub, breakpoints }| {
            stub.halted(&mut Machine { breakpoints }, stop)
        })
    };
    memory::hide();
    match resumption {
        Resumption::Go(actions) => {
            halt::plan(|cpu| actions.get(cpu).copied().unwrap_or(Action::Continue));
        }
        Resumption::Detached => halt::plan(|_| Action::Continue),
        Resumption::Kill => power::switch_off(),
    }
}

/// Waits as long as the owner wants. The first CPU listens to the port when there is no owner.
fn stand_still(context: &mut Context) {
    while halt::is_owned() && !halt::is_held() {
        hint::spin_loop();
    }
    halt::wait(context, || {
        if cpu_id() == 0 && port::is_open() && halt::own() {
            listen();
            halt::disown();
        }
    });
}
