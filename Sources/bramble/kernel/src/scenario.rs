//! What is started at boot, and when the truth is told.

use alloc::vec::Vec;

use bramble_abi::{Error, Scenario, program, rights, slot};

use crate::arch::{self, timer};
use crate::capability::{self, Object};
use crate::domain::{self, Domain, Image, Isolation};
use crate::identifier::Tid;
use crate::ipc;
use crate::space::{self, Space};
use crate::sync::Mutex;
use crate::thread::{self, Plan, Thread};
use crate::{loader, println, scheduler, truth};

/// From the last `Ready` to the truth lines, in nanoseconds.
const SETTLE: u64 = 200_000_000;
/// The truth is told after this time in any case (nanoseconds since boot).
const PATIENCE: u64 = 20_000_000_000;

const SERVER_PRIORITY: u8 = 3;
const USER_PRIORITY: u8 = 2;
/// Runs when nobody else wants to, and then until somebody does.
const WORKER_PRIORITY: u8 = 1;

/// How far the scenario is.
pub static PROGRESS: Mutex<Progress> = Mutex::new(Progress {
    scenario: Scenario::Steady,
    exit: false,
    expected: 0,
    ready: Vec::new(),
    deadline: None,
});

pub struct Progress {
    scenario: Scenario,
    /// Switch the machine off after the truth lines.
    exit: bool,
    /// Threads of the manifest.
    expected: usize,
    ready: Vec<Tid>,
    /// When the truth is told; `None` once it has been.
    deadline: Option<u64>,
}

/// One line of a boot manifest.
struct Entry {
    name: &'static str,
    program: u64,
    instance: u64,
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A domain of its own in the space of all servers, with an endpoint.
    Server(ipc::Kind),
    /// A domain in a space of its own.
    User,
}

const fn server(name: &'static str, program: u64) -> Entry {
    Entry { name, program, instance: 0, role: Role::Server(ipc::Kind::Rendezvous) }
}

const fn user(name: &'static str, program: u64, instance: u64) -> Entry {
    Entry { name, program, instance, role: Role::User }
}

const NAME_SERVER: Entry = server("name", program::NAME);
const LOG_SERVER: Entry = Entry {
    name: "log",
    program: program::LOG,
    instance: 0,
    role: Role::Server(ipc::Kind::Queue { capacity: ipc::QUEUE_CAPACITY }),
};

const STEADY: &[Entry] = &[
    NAME_SERVER,
    server("fs", program::FS),
    server("disk", program::DISK),
    server("clock", program::CLOCK),
    LOG_SERVER,
    user("reader", program::READER, 0),
    user("writer", program::WRITER, 0),
    user("loader-0", program::LOADER, 0),
    user("loader-1", program::LOADER, 1),
    user("loader-2", program::LOADER, 2),
    user("ticker", program::TICKER, 0),
    user("worker-0", program::WORKER, 0),
    user("worker-1", program::WORKER, 1),
];

const FAULTY_SERVER: &[Entry] = &[
    NAME_SERVER,
    server("fs", program::FS),
    server("disk", program::DISK),
    server("clock", program::CLOCK),
    LOG_SERVER,
    user("tester", program::TESTER, 0),
    user("victim", program::VICTIM, 0),
    user("reader", program::READER, 0),
    user("ticker", program::TICKER, 0),
];

const DEADLOCK: &[Entry] = &[
    NAME_SERVER,
    server("clock", program::CLOCK),
    LOG_SERVER,
    server("alpha", program::ALPHA),
    server("beta", program::BETA),
    server("gamma", program::GAMMA),
    user("starter", program::STARTER, 0),
    user("waiter", program::WAITER, 0),
    user("ticker", program::TICKER, 0),
];

/// Reads `scenario=NAME` and `exit=1` from the kernel's command line.
pub fn choose(arguments: &str) {
    let mut progress = PROGRESS.lock();
    for argument in arguments.split_ascii_whitespace() {
        match argument.split_once('=') {
            Some(("scenario", "steady")) => progress.scenario = Scenario::Steady,
            Some(("scenario", "faulty-server")) => progress.scenario = Scenario::FaultyServer,
            Some(("scenario", "deadlock")) => progress.scenario = Scenario::Deadlock,
            Some(("exit", "1")) => progress.exit = true,
            _ => println!("bramble: '{argument}' on the command line is unknown"),
        }
    }
}

pub fn chosen() -> Scenario {
    PROGRESS.lock().scenario
}

pub fn name() -> &'static str {
    match chosen() {
        Scenario::Steady => "steady",
        Scenario::FaultyServer => "faulty-server",
        Scenario::Deadlock => "deadlock",
    }
}

/// For a panic, which may strike while the lock is held.
pub fn exit_requested() -> bool {
    PROGRESS.try_lock().is_some_and(|progress| progress.exit)
}

/// Creates and starts everything in the manifest.
pub fn start() {
    let manifest = match chosen() {
        Scenario::Steady => STEADY,
        Scenario::FaultyServer => FAULTY_SERVER,
        Scenario::Deadlock => DEADLOCK,
    };
    let threads = Boot::new(manifest.len()).and_then(|mut boot| boot.create_all(manifest));
    let threads = threads.unwrap_or_else(|error| panic!("the scenario cannot start: {error:?}"));
    let mut progress = PROGRESS.lock();
    progress.expected = threads.len();
    progress.deadline = Some(PATIENCE);
    drop(progress);
    for thread in &threads {
        scheduler::make_ready(thread);
    }
}

/// What the lines of a manifest share.
struct Boot {
    servers: Space,
    servers_entry: u64,
    /// Slots of the kernel's domain with the originals: servers' space, name endpoint, log queue.
    servers_space: usize,
    name: Option<usize>,
    log: Option<usize>,
    threads: Vec<Thread>,
}

impl Boot {
    fn new(count: usize) -> Result<Self, Error> {
        let servers = space::create()?;
        Ok(Self {
            servers_entry: loader::load(Image::Servers, &servers)?,
            servers_space: domain::kernel().hold(Object::Space(servers.clone())),
            servers,
            name: None,
            log: None,
            threads: Vec::with_capacity(count),
        })
    }

    /// Everybody is given the name server and the log queue: these two come into being first.
    fn create_all(&mut self, manifest: &[Entry]) -> Result<Vec<Thread>, Error> {
        let mut created = Vec::new();
        for entry in manifest {
            created.push(self.create_domain(entry)?);
        }
        for (entry, (domain, space, start, own)) in manifest.iter().zip(created) {
            self.create_thread(entry, domain, space, start, own)?;
        }
        Ok(core::mem::take(&mut self.threads))
    }

    /// Domain, space, entry point, and the slot of the original of its endpoint.
    fn create_domain(
        &mut self,
        entry: &Entry,
    ) -> Result<(Domain, (Space, usize), u64, Option<usize>), Error> {
        match entry.role {
            Role::Server(kind) => {
                let (image, isolation) = (Image::Servers, Isolation::Language);
                let domain = domain::create(entry.name, isolation, image, self.servers.clone());
                let endpoint = ipc::create(entry.name, kind, domain.id);
                let own = domain::kernel().hold(Object::Endpoint(endpoint));
                match entry.program {
                    program::NAME => self.name = Some(own),
                    program::LOG => self.log = Some(own),
                    _ => {}
                }
                Ok((
                    domain,
                    (self.servers.clone(), self.servers_space),
                    self.servers_entry,
                    Some(own),
                ))
            }
            Role::User => {
                let space = space::create()?;
                let start = loader::load(Image::User, &space)?;
                let (image, isolation) = (Image::User, Isolation::Hardware);
                let domain = domain::create(entry.name, isolation, image, space.clone());
                *space.owner.lock() = Some(domain.id);
                let original = domain::kernel().hold(Object::Space(space.clone()));
                Ok((domain, (space, original), start, None))
            }
        }
    }

    fn create_thread(
        &mut self,
        entry: &Entry,
        domain: Domain,
        (space, space_original): (Space, usize),
        start: u64,
        own: Option<usize>,
    ) -> Result<(), Error> {
        let stack = space.add_stack()?;
        let thread = thread::create(Plan {
            name: entry.name,
            domain: domain.clone(),
            space,
            priority: match (entry.role, entry.program) {
                (Role::Server(_), _) => SERVER_PRIORITY,
                (Role::User, program::WORKER) => WORKER_PRIORITY,
                (Role::User, _) => USER_PRIORITY,
            },
            stack,
            entry: start,
            arguments: [entry.program, entry.instance],
        });
        let thread_original = domain::kernel().hold(Object::Thread(thread.clone()));
        let badge = domain.id.0 as u64;
        let pass = rights::SEND | rights::GRANT;
        give(&domain, slot::CONSOLE, Some(slot::CONSOLE as usize), rights::SEND, 0)?;
        give(&domain, slot::OWN, own, rights::ALL, 0)?;
        give(&domain, slot::NAME, self.name.filter(|_| self.name != own), pass, badge)?;
        give(&domain, slot::LOG, self.log.filter(|_| self.log != own), rights::SEND, badge)?;
        give(&domain, slot::SPACE, Some(space_original), rights::CONTROL, 0)?;
        give(&domain, slot::THREAD, Some(thread_original), rights::CONTROL, 0)?;
        self.threads.push(thread);
        Ok(())
    }
}

/// Derives an original of the kernel's domain into a fixed slot of a new domain.
fn give(to: &Domain, slot: u64, from: Option<usize>, mask: u8, badge: u64) -> Result<(), Error> {
    let Some(from) = from else { return Ok(()) };
    let capability = capability::derive(&domain::kernel(), from as u64, mask, badge)?;
    to.capabilities.lock().put(slot as usize, capability)
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
    truth::tell();
    if exit {
        arch::power::switch_off();
    }
}
