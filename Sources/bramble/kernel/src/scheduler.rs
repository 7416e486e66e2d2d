//! Who runs where and for how long.

use core::sync::atomic::Ordering;

use crate::arch::{self, TrapFrame, timer};
use crate::thread::{State, Thread};
use crate::{cpu, scenario, timeouts, trace, wait};

/// Nanoseconds a thread may run while others of its priority wait.
const SLICE: u64 = 10_000_000;

/// Makes a thread run again: on the CPU it comes from, unless another one has less urgent work.
pub fn make_ready(thread: &Thread) {
    timeouts::cancel(thread);
    thread.set_state(State::Ready);
    let home = thread.home.load(Ordering::Relaxed);
    let target = (0..cpu::online())
        .min_by_key(|&cpu| (urgency(cpu), cpu != home))
        .filter(|&cpu| urgency(cpu) < thread.priority)
        .unwrap_or(home);
    thread.home.store(target, Ordering::Relaxed);
    cpu::with(target, |cpu| cpu.run_queue.lock().push(thread.clone()));
    if target != arch::cpu_id() {
        arch::interrupts::notify(target);
    }
}

/// Takes a thread that is about to die out of all queues. The CPU that runs it, if any, notices
/// when it leaves the kernel.
pub fn retire(thread: &Thread) {
    wait::withdraw(thread);
    timeouts::cancel(thread);
    if matches!(*thread.state.lock(), State::Ready) {
        let home = thread.home.load(Ordering::Relaxed);
        cpu::with(home, |cpu| cpu.run_queue.lock().remove(thread));
    }
    let running = *thread.cpu.lock();
    if let Some(cpu) = running.filter(|&cpu| cpu != arch::cpu_id()) {
        arch::interrupts::notify(cpu);
    }
}

/// The highest priority among what runs or waits on a CPU; 0 for an idle one.
fn urgency(cpu: usize) -> u8 {
    cpu::with(cpu, |cpu| {
        // A current thread that has just blocked is about to make room.
        let current = cpu.current.iter().filter(|thread| thread.is_running());
        let waiting = cpu.run_queue.lock().urgency();
        waiting.into_iter().chain(current.map(|thread| thread.priority)).max().unwrap_or(0)
    })
}

fn is_idle(thread: &Thread) -> bool {
    matches!(*thread.state.lock(), State::Idle)
}

/// Adds the time since the last charge to the account of the thread that runs on a CPU.
fn charge(cpu: usize, now: u64) {
    cpu::with(cpu, |cpu| {
        if let Some(current) = &cpu.current {
            let ran = now.saturating_sub(cpu.charged);
            current.cpu_time.fetch_add(ran, Ordering::Relaxed);
        }
        cpu.charged = now;
    });
}

/// The end of every trap: decides who goes on, and puts that thread's registers into `frame`.
pub fn leave_kernel(frame: &mut TrapFrame) {
    let id = arch::cpu_id();
    let now = timer::now();
    charge(id, now);
    let current = cpu::current();
    let next = choose(&current, now);
    if next.id == current.id {
        // A system call has left its results there.
        *frame = *next.context.lock();
    } else {
        switch(id, &current, &next, frame, now);
    }
    timer::set_deadline(next_event(id, &next));
}

fn choose(current: &Thread, now: u64) -> Thread {
    let running = current.is_running();
    let id = arch::cpu_id();
    let candidate = cpu::with(id, |cpu| {
        let mut queue = cpu.run_queue.lock();
        let best = queue.urgency()?;
        let slice_over = now >= cpu.slice_end;
        let wins = !running || best > current.priority || best == current.priority && slice_over;
        if wins { queue.pop() } else { None }
    });
    if let Some(thread) = candidate {
        return thread;
    }
    if running {
        return current.clone();
    }
    steal(id).unwrap_or_else(|| {
        cpu::with(id, |cpu| cpu.idle_thread.clone()).expect("a CPU without an idle thread")
    })
}

/// A thread that waits behind another one on some other CPU.
fn steal(thief: usize) -> Option<Thread> {
    let mut others = (0..cpu::online()).filter(|&other| other != thief);
    others.find_map(|other| cpu::with(other, |cpu| cpu.run_queue.lock().pop()))
}

/// Only in here, between the change of the space and the end of the copy, the trap frame and the
/// space belong to different threads; a function of its own, so that debuggers can tell.
#[inline(never)]
fn switch(id: usize, previous: &Thread, next: &Thread, frame: &mut TrapFrame, now: u64) {
    assert!(next.is_ready() || is_idle(next), "{next:?} is to run and is not ready");
    trace::switch(now, id, previous, next);
    *previous.cpu.lock() = None;
    if !is_idle(next) {
        next.set_state(State::Running);
        next.home.store(id, Ordering::Relaxed);
    }
    *next.cpu.lock() = Some(id);
    cpu::with(id, |cpu| {
        cpu.current = Some(next.clone());
        cpu.slice_end = now + SLICE;
    });
    if previous.is_running() {
        make_ready(previous);
    }
    arch::activate(next.space.as_ref().map(|space| space.root));
    *frame = *next.context.lock();
}

/// Gives up the rest of the slice.
pub fn expire_slice() {
    cpu::with(arch::cpu_id(), |cpu| cpu.slice_end = 0);
}

/// When this CPU's timer has to strike: the end of the slice if anybody waits for it, the first
/// time-out, and on CPU 0 the time of the truth lines.
fn next_event(id: usize, next: &Thread) -> Option<u64> {
    let scenario = if id == 0 { scenario::deadline() } else { None };
    let slice = cpu::with(id, |cpu| {
        let contended = cpu.run_queue.lock().urgency() == Some(next.priority);
        contended.then_some(cpu.slice_end)
    });
    [slice, timeouts::next(), scenario].into_iter().flatten().min()
}
