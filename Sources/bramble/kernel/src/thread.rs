//! Threads.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use core::fmt;
use core::ops::{Deref, Range};
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use bramble_abi::limit;

use crate::arch::{self, TrapFrame, timer};
use crate::cpu;
use crate::domain::{self, Domain};
use crate::identifier::Tid;
use crate::ipc::Endpoint;
use crate::notification::Notification;
use crate::queue::Place;
use crate::space::Space;
use crate::sync::Mutex;
use crate::timeouts::Timeout;
use crate::user_lock::LockId;

pub static THREAD_MAP: Mutex<BTreeMap<Tid, Thread>> = Mutex::new(BTreeMap::new());

/// Dead threads that are still in the map, the oldest first.
static DEAD: Mutex<VecDeque<Tid>> = Mutex::new(VecDeque::new());

static NEXT_TID: AtomicUsize = AtomicUsize::new(101);

#[derive(Clone)]
pub struct Thread(Arc<ControlBlock>);

#[expect(dead_code, reason = "some fields are there for whoever reads the kernel's memory")]
pub struct ControlBlock {
    pub id: Tid,
    pub name: &'static str,
    pub kind: Kind,
    pub domain: Domain,
    /// The space at EL0; `None` for kernel threads.
    pub space: Option<Space>,
    /// Higher runs first.
    pub priority: u8,
    /// The thread that created this one; `None` for those of the boot.
    pub parent: Option<Tid>,
    pub stack: Range<u64>,
    /// How many recoveries it has lived through.
    pub generation: AtomicU64,
    pub state: Mutex<State>,
    /// When its wait ends at the latest; `None` if it does not wait, or for ever.
    pub timeout: Mutex<Option<Timeout>>,
    /// Where it stands in the queue that it is in.
    pub place: Mutex<Option<Place>>,
    /// When `state` last changed (nanoseconds since boot).
    pub since: AtomicU64,
    /// The CPU it runs on; `None` while it does not run.
    pub cpu: Mutex<Option<usize>>,
    /// The CPU it ran on last: where it is woken.
    pub home: AtomicUsize,
    /// The caller whose request it has received and not yet answered.
    pub serving: Mutex<Option<Tid>>,
    /// Nanoseconds that it has run, the kernel's work for it included.
    pub cpu_time: AtomicU64,
    /// Where it wants to be resumed after a fault.
    pub handler: Mutex<Option<Handler>>,
    /// Faults reflected to the handler since its last recovery report.
    pub faults: AtomicUsize,
    /// Registers at EL0. Valid unless it runs: then they are in the CPU, or in the trap frame.
    pub context: Mutex<TrapFrame>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Kernel,
    User,
}

/// Where a thread wants to be resumed after a fault.
#[derive(Clone, Copy, Debug)]
pub struct Handler {
    pub entry: u64,
    pub stack_top: u64,
}

/// What a thread does.
#[derive(Clone)]
pub enum State {
    Running,
    Ready,
    Blocked(Wait),
    /// An idle thread, whether it runs or not.
    Idle,
    Dead,
}

/// What a blocked thread waits for.
#[derive(Clone)]
pub enum Wait {
    /// Its call lies in the endpoint's sender queue.
    Send(Endpoint),
    /// For a call.
    Receive(Endpoint),
    /// The server has taken the call.
    Reply { server: Tid },
    /// For a message in a queue.
    Queue(Endpoint),
    /// For bits to be set.
    Notification(Notification),
    /// For a lock of its space.
    Lock(LockId),
    /// For nothing but its time-out.
    Sleep,
}

impl Deref for Thread {
    type Target = ControlBlock;

    fn deref(&self) -> &ControlBlock {
        &self.0
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "thread {} {}", self.id, self.name)
    }
}

/// What the creator of a thread decides.
pub struct Plan {
    pub name: &'static str,
    pub domain: Domain,
    pub space: Space,
    pub priority: u8,
    pub stack: Range<u64>,
    pub entry: u64,
    /// x0 and x1 at the entry.
    pub arguments: [u64; 2],
    pub parent: Option<Tid>,
}

/// A thread at EL0. It is blocked nowhere and queued nowhere until `scheduler::make_ready`.
pub fn create(plan: Plan) -> Thread {
    let id = next_id();
    let [first, second] = plan.arguments;
    let mut context = TrapFrame::user(plan.entry, plan.stack.end);
    context.x[..3].copy_from_slice(&[first, second, id.0 as u64]);
    insert(ControlBlock {
        id,
        name: plan.name,
        kind: Kind::User,
        domain: plan.domain,
        space: Some(plan.space),
        priority: plan.priority,
        parent: plan.parent,
        stack: plan.stack,
        generation: AtomicU64::new(0),
        state: Mutex::new(State::Ready),
        timeout: Mutex::new(None),
        place: Mutex::new(None),
        since: AtomicU64::new(timer::now()),
        cpu: Mutex::new(None),
        home: AtomicUsize::new(0),
        serving: Mutex::new(None),
        cpu_time: AtomicU64::new(0),
        handler: Mutex::new(None),
        faults: AtomicUsize::new(0),
        context: Mutex::new(context),
    })
}

/// The idle thread of a CPU, already running there.
pub fn create_idle(cpu: usize) -> Thread {
    const NAMES: [&str; cpu::MAXIMUM] = ["idle-0", "idle-1", "idle-2", "idle-3"];
    let top = arch::stack::top(cpu) as u64;
    insert(ControlBlock {
        id: next_id(),
        name: NAMES[cpu],
        kind: Kind::Kernel,
        domain: domain::kernel(),
        space: None,
        priority: 0,
        parent: None,
        stack: top - arch::stack::STACK_SIZE as u64..top,
        generation: AtomicU64::new(0),
        state: Mutex::new(State::Idle),
        timeout: Mutex::new(None),
        place: Mutex::new(None),
        since: AtomicU64::new(timer::now()),
        cpu: Mutex::new(Some(cpu)),
        home: AtomicUsize::new(cpu),
        serving: Mutex::new(None),
        cpu_time: AtomicU64::new(0),
        handler: Mutex::new(None),
        faults: AtomicUsize::new(0),
        context: Mutex::new(TrapFrame::idle(arch::idle_entry())),
    })
}

fn next_id() -> Tid {
    Tid(NEXT_TID.fetch_add(1, Ordering::Relaxed))
}

fn insert(block: ControlBlock) -> Thread {
    let thread = Thread(Arc::new(block));
    thread.domain.threads.lock().push(thread.id);
    thread.domain.account.threads.add(1);
    thread.domain.living.add(1);
    THREAD_MAP.lock().insert(thread.id, thread.clone());
    thread
}

/// Remembers a dead thread, for whoever wants to know, and forgets the oldest of too many.
pub fn bury(thread: &Thread) {
    let mut dead = DEAD.lock();
    dead.push_back(thread.id);
    if dead.len() <= limit::DEAD_THREADS {
        return;
    }
    let oldest = dead.pop_front().and_then(|id| THREAD_MAP.lock().remove(&id));
    if let Some(thread) = oldest {
        let mut threads = thread.domain.threads.lock();
        // In order of creation, that is of their numbers.
        if let Ok(place) = threads.binary_search(&thread.id) {
            threads.remove(place);
        }
        thread.domain.account.threads.remove(1);
    }
}

pub fn find(id: Tid) -> Option<Thread> {
    THREAD_MAP.lock().get(&id).cloned()
}

impl ControlBlock {
    pub fn set_state(&self, state: State) {
        *self.state.lock() = state;
        self.since.store(timer::now(), Ordering::Relaxed);
    }

    pub fn block(&self, wait: Wait) {
        self.set_state(State::Blocked(wait));
    }

    pub fn waits_for(&self) -> Option<Wait> {
        match &*self.state.lock() {
            State::Blocked(wait) => Some(wait.clone()),
            _ => None,
        }
    }

    pub fn is_running(&self) -> bool {
        matches!(*self.state.lock(), State::Running)
    }

    pub fn is_ready(&self) -> bool {
        matches!(*self.state.lock(), State::Ready)
    }

    pub fn is_dead(&self) -> bool {
        matches!(*self.state.lock(), State::Dead)
    }

    /// Waits for the answer of `server`?
    pub fn awaits_reply_of(&self, server: Tid) -> bool {
        match *self.state.lock() {
            State::Blocked(Wait::Reply { server: awaited }) => awaited == server,
            _ => false,
        }
    }

    /// Ends its system call: `results` go to x0 and up, the other registers stay.
    pub fn finish(&self, results: &[u64]) {
        self.context.lock().x[..results.len()].copy_from_slice(results);
    }
}
