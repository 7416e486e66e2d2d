//! The scenario `crash`: breaks an invariant of the kernel, which notices a moment later.

use crate::cpu;
use crate::thread::{self, State, Thread};

/// Puts a thread that waits into a run queue, as a lost update would.
pub fn strike() {
    if let Some(victim) = victim() {
        cpu::with(0, |cpu| cpu.run_queue.lock().push(victim));
    }
}

/// The most important thread that waits and stands in no queue: asleep, or waiting for a reply.
fn victim() -> Option<Thread> {
    let threads = thread::THREAD_MAP.lock();
    let waiting = threads.values().filter(|thread| waits(thread));
    waiting.max_by_key(|thread| thread.priority).cloned()
}

fn waits(thread: &Thread) -> bool {
    matches!(*thread.state.lock(), State::Blocked(_)) && thread.place.lock().is_none()
}
