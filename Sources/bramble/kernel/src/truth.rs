//! The truth lines: what the kernel knows about itself, in words that a test can compare with what
//! a debugger found out by itself. README.md describes the format.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::arch::asm;
use core::fmt::{self, Write};
use core::sync::atomic::{AtomicU64, Ordering};

use bramble_abi::rights;

use crate::account::{self, Imbalance};
use crate::arch;
use crate::capability::{Capability, Object};
use crate::console::Port;
use crate::crash::{self, Crash};
use crate::domain::{self, Domain, Image, Isolation};
use crate::frame::{self, Frame};
use crate::identifier::OrDash;
use crate::ipc::{self, Endpoint};
use crate::irq::{self, Irq, IrqState};
use crate::notification::{self, Notification};
use crate::recovery::{self, RecoveryEvent};
use crate::ring::Ring;
use crate::sync::Mutex;
use crate::thread::{self, State, Thread, Wait};
use crate::user_lock::{self, LockId, UserLock};
use crate::{cpu, lock, memory, scenario, space, trace};

/// How often the truth has been told.
pub static TRUTH_END: AtomicU64 = AtomicU64::new(0);

/// Stops the machine, prints, and lets it go on when the caller leaves the kernel.
pub fn tell() {
    lock::quiesce();
    let mut lines = Lines { count: 0, totals: Vec::new() };
    let cpus = cpu::online();
    lines.print(format_args!(
        "begin scenario={} board={} cpus={cpus}",
        scenario::name(),
        arch::board::NAME
    ));
    (0..cpus).for_each(|cpu| lines.cpu(cpu));
    for thread in thread::THREAD_MAP.lock().values() {
        lines.thread(thread);
    }
    for domain in domain::DOMAIN_MAP.lock().values() {
        lines.domain(domain);
    }
    lines.spaces();
    for domain in domain::DOMAIN_MAP.lock().values() {
        lines.capabilities(domain);
    }
    for endpoint in ipc::ENDPOINT_MAP.lock().values() {
        lines.endpoint(endpoint);
    }
    for endpoint in ipc::ENDPOINT_MAP.lock().values() {
        lines.messages(endpoint);
    }
    for notification in notification::NOTIFICATION_MAP.lock().values() {
        lines.notification(notification);
    }
    for frame in frame::FRAME_MAP.lock().values() {
        lines.frame(frame);
    }
    for irq in irq::IRQ_MAP.lock().values() {
        lines.irq(irq);
    }
    for (&id, lock) in user_lock::LOCK_MAP.lock().iter() {
        lines.lock(id, lock);
    }
    lines.totals();
    for domain in domain::DOMAIN_MAP.lock().values() {
        lines.account(domain);
    }
    lines.books();
    for event in recovery::RECOVERY_LOG.lock().iter() {
        lines.recovery(event);
    }
    lines.ring("recovery", &recovery::RECOVERY_LOG);
    lines.ring("ipc", &trace::IPC_RING);
    lines.ring("switch", &trace::SWITCH_RING);
    if let Some(crash) = &*crash::CRASH.lock() {
        lines.crash(crash);
    }
    let count = lines.count + 1;
    lines.print(format_args!("end lines={count}"));
    TRUTH_END.fetch_add(1, Ordering::Relaxed);
    bramble_truth_end();
}

/// A debugger stops here: all truth lines are out, and nothing has moved since the first.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn bramble_truth_end() {
    // SAFETY: no instruction at all; keeps the function from being optimised away.
    unsafe { asm!("", options(nomem, nostack, preserves_flags)) };
}

/// Rows of one kind that are printed. If there are more of any kind, totals of all kinds follow.
const MOST_ROWS: usize = 512;

/// Prints truth lines and counts them.
struct Lines {
    count: usize,
    /// How many there are of each kind, whether printed or not.
    totals: Vec<(&'static str, usize)>,
}

impl Lines {
    fn print(&mut self, line: fmt::Arguments) {
        self.count += 1;
        // The port cannot fail.
        let _ = writeln!(Port, "truth: {line}");
    }

    /// Counts an object; is it to be printed?
    fn enter(&mut self, kind: &'static str) -> bool {
        match self.totals.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, total)) => {
                *total += 1;
                *total <= MOST_ROWS
            }
            None => {
                self.totals.push((kind, 1));
                true
            }
        }
    }

    /// For a system too large to be printed row by row.
    fn totals(&mut self) {
        let totals = core::mem::take(&mut self.totals);
        if totals.iter().any(|&(_, total)| total > MOST_ROWS) {
            for (kind, total) in totals {
                self.print(format_args!("total kind={kind} count={total}"));
            }
        }
    }

    fn cpu(&mut self, id: usize) {
        let Some(thread) = cpu::with(id, |cpu| cpu.current.clone()) else { return };
        let state = if matches!(*thread.state.lock(), State::Idle) { "idle" } else { "running" };
        self.print(format_args!("cpu id={id} thread={} state={state}", thread.id));
    }

    fn thread(&mut self, thread: &Thread) {
        if !self.enter("thread") {
            return;
        }
        let (state, detail, blocked_on) = describe(&thread.state.lock());
        let cpu = *thread.cpu.lock();
        let pc = match (state, cpu) {
            ("idle", _) => String::from("-"),
            (_, Some(cpu)) => hexadecimal(cpu::frame(cpu).map(|frame| frame.pc)),
            (_, None) => hexadecimal(Some(thread.context.lock().pc)),
        };
        self.print(format_args!(
            "thread id={} name={} state={state} detail={detail} cpu={} priority={} domain={} \
             space={} parent={} generation={} blocked_on={blocked_on} until={} pc={pc}",
            thread.id,
            thread.name,
            OrDash(cpu),
            thread.priority,
            thread.domain.id,
            OrDash(thread.space.as_ref().map(|space| space.id)),
            OrDash(thread.parent),
            thread.generation.load(Ordering::Relaxed),
            OrDash(thread.timeout.lock().map(|timeout| timeout.until)),
        ));
    }

    fn domain(&mut self, domain: &Domain) {
        if !self.enter("domain") {
            return;
        }
        let isolation = match domain.isolation {
            Isolation::None => "none",
            Isolation::Language => "language",
            Isolation::Hardware => "hardware",
        };
        let image = match domain.image {
            Image::Bramble => "bramble",
            Image::Servers => "servers",
            Image::User => "user",
        };
        self.print(format_args!(
            "domain id={} name={} isolation={isolation} image={image} space={} state={} \
             generation={} threads={}",
            domain.id,
            domain.name,
            domain.space.as_ref().map_or(0, |space| space.id.0),
            if domain.is_alive() { "running" } else { "dead" },
            domain.generation.load(Ordering::Relaxed),
            list(domain.threads.lock().iter()),
        ));
    }

    fn spaces(&mut self) {
        let kernel_root = memory::KERNEL_ROOT.load(Ordering::Relaxed);
        self.print(format_args!("space id=0 root={kernel_root:#018x} owner=0"));
        self.enter("space");
        for space in space::SPACE_MAP.lock().values() {
            if !self.enter("space") {
                continue;
            }
            self.print(format_args!(
                "space id={} root={:#018x} owner={}",
                space.id,
                space.root,
                OrDash(*space.owner.lock())
            ));
        }
    }

    fn capabilities(&mut self, domain: &Domain) {
        for (slot, entry) in domain.capabilities.lock().slots.iter().enumerate() {
            let Some(capability) = entry.as_ref().filter(|_| self.enter("capability")) else {
                continue;
            };
            let parent =
                capability.links.parent.map(|origin| format!("{}:{}", origin.domain, origin.slot));
            self.print(format_args!(
                "capability domain={} slot={slot} generation={} object={} rights={} badge={:#x} \
                 parent={}",
                domain.id,
                capability.generation,
                object(capability),
                letters(capability.rights),
                capability.badge,
                OrDash(parent)
            ));
        }
    }

    fn endpoint(&mut self, endpoint: &Endpoint) {
        if !self.enter("endpoint") {
            return;
        }
        let senders = endpoint.senders.lock();
        let receivers = endpoint.receivers.lock();
        let (kind, capacity, depth) = match endpoint.kind {
            ipc::Kind::Rendezvous => ("rendezvous", None, senders.len()),
            ipc::Kind::Queue { capacity } => {
                ("queue", Some(capacity), endpoint.messages.lock().len())
            }
        };
        self.print(format_args!(
            "endpoint id={} name={} kind={kind} owner={} capacity={} depth={depth} senders={} \
             receivers={}",
            endpoint.id,
            endpoint.name,
            endpoint.owner,
            OrDash(capacity),
            list(senders.iter().map(|sender| sender.thread.id)),
            list(receivers.iter().map(|receiver| receiver.id)),
        ));
    }

    fn messages(&mut self, endpoint: &Endpoint) {
        for (position, message) in endpoint.messages.lock().iter().enumerate() {
            if !self.enter("message") {
                continue;
            }
            let [first, second, third] = message.words;
            self.print(format_args!(
                "message endpoint={} position={position} sender={} badge={:#x} label={:#x} \
                 words={first:#x},{second:#x},{third:#x}",
                endpoint.id, message.sender, message.badge, message.label
            ));
        }
    }

    fn notification(&mut self, notification: &Notification) {
        if !self.enter("notification") {
            return;
        }
        let waiter = notification.waiter.lock().as_ref().map(|waiter| waiter.id);
        self.print(format_args!(
            "notification id={} name={} owner={} pending={:#x} waiter={}",
            notification.id,
            notification.name,
            notification.owner,
            *notification.pending.lock(),
            OrDash(waiter),
        ));
    }

    fn frame(&mut self, frame: &Frame) {
        if !self.enter("frame") {
            return;
        }
        let mappings = frame.mappings.lock();
        let mapped = mappings.iter().map(|it| format!("{}:{:#x}", it.space, it.address));
        self.print(format_args!(
            "frame id={} address={:#018x} pages={} owner={} mapped={}",
            frame.id,
            frame.address,
            frame.pages,
            frame.owner,
            list(mapped)
        ));
    }

    fn irq(&mut self, irq: &Irq) {
        let state = match *irq.state.lock() {
            IrqState::Masked => "masked",
            IrqState::Idle => "idle",
            IrqState::Pending => "pending",
        };
        let (driver, notification) = match &*irq.binding.lock() {
            Some(binding) => (Some(binding.driver.id), Some(binding.notification.id)),
            None => (None, None),
        };
        self.print(format_args!(
            "irq number={} owner={} notification={} state={state}",
            irq.id,
            OrDash(driver),
            OrDash(notification),
        ));
    }

    fn lock(&mut self, id: LockId, lock: &UserLock) {
        if !self.enter("lock") {
            return;
        }
        let holder = user_lock::read(id).map(bramble_abi::lock::holder).filter(|&it| it != 0);
        self.print(format_args!(
            "lock space={} address={:#x} owner={} waiters={}",
            id.space,
            id.address,
            OrDash(holder),
            list(lock.waiters.iter().map(|waiter| waiter.id)),
        ));
    }

    fn account(&mut self, domain: &Domain) {
        let account = &domain.account;
        let reported = *account.reported.lock();
        self.print(format_args!(
            "account domain={} threads={} capabilities={} endpoints={} notifications={} frames={} \
             pages={} blocks={} locks={}",
            domain.id,
            account.threads.get(),
            account.capabilities.get(),
            account.endpoints.get(),
            account.notifications.get(),
            account.frames.get(),
            account::pages(domain),
            OrDash(reported.map(|reported| reported.blocks)),
            OrDash(reported.map(|reported| reported.locks)),
        ));
    }

    fn books(&mut self) {
        match account::check() {
            Ok(()) => self.print(format_args!("books balanced=yes")),
            Err(Imbalance { domain, kind, account, found }) => self.print(format_args!(
                "books balanced=no domain={domain} kind={kind} account={account} found={found}"
            )),
        }
    }

    fn recovery(&mut self, event: &RecoveryEvent) {
        self.print(format_args!("recovery {event}"));
    }

    /// The message comes last, as it has spaces in it.
    fn crash(&mut self, crash: &Crash) {
        self.print(format_args!(
            "crash cpu={} thread={} time={} place={} pc={:#018x} message={}",
            crash.cpu,
            OrDash(crash.thread),
            crash.time,
            crash.place.as_str(),
            crash.registers.pc,
            crash.message.as_str()
        ));
    }

    fn ring<T, const N: usize>(&mut self, name: &str, ring: &Mutex<Ring<T, N>>) {
        let Ring { next_sequence, overwritten, .. } = *ring.lock();
        self.print(format_args!("ring name={name} next={next_sequence} overwritten={overwritten}"));
    }
}

/// State, detail and what it is blocked on.
fn describe(state: &State) -> (&'static str, &'static str, String) {
    let none = || String::from("-");
    let wait = match state {
        State::Running => return ("running", "-", none()),
        State::Ready => return ("ready", "-", none()),
        State::Idle => return ("idle", "-", none()),
        State::Dead => return ("dead", "-", none()),
        State::Blocked(wait) => wait,
    };
    let (detail, blocked_on) = match wait {
        Wait::Send(endpoint) => ("send", format!("endpoint:{}", endpoint.id)),
        Wait::Receive(endpoint) => ("receive", format!("endpoint:{}", endpoint.id)),
        Wait::Reply { server } => ("reply", format!("thread:{server}")),
        Wait::Queue(endpoint) => ("queue", format!("endpoint:{}", endpoint.id)),
        Wait::Notification(notification) => {
            ("notification", format!("notification:{}", notification.id))
        }
        Wait::Lock(id) => ("lock", format!("lock:{:#x}", id.address)),
        Wait::Sleep => ("sleep", none()),
    };
    ("blocked", detail, blocked_on)
}

fn object(capability: &Capability) -> String {
    match &capability.object {
        Object::Thread(thread) => format!("thread:{}", thread.id),
        Object::Endpoint(endpoint) => format!("endpoint:{}", endpoint.id),
        Object::Frame(frame) => format!("frame:{}", frame.id),
        Object::Space(space) => format!("space:{}", space.id),
        Object::Notification(notification) => format!("notification:{}", notification.id),
        Object::Irq(irq) => format!("irq:{}", irq.id),
        Object::Console => String::from("console:0"),
        Object::Kernel => String::from("kernel:0"),
    }
}

fn letters(mask: u8) -> String {
    let all =
        [(rights::SEND, 's'), (rights::RECEIVE, 'r'), (rights::GRANT, 'g'), (rights::CONTROL, 'c')];
    all.into_iter().map(|(right, letter)| if mask & right != 0 { letter } else { '-' }).collect()
}

fn hexadecimal(value: Option<u64>) -> String {
    value.map_or_else(|| String::from("-"), |value| format!("{value:#018x}"))
}

fn list<T: ToString>(items: impl Iterator<Item = T>) -> String {
    let items: Vec<String> = items.map(|item| item.to_string()).collect();
    if items.is_empty() { String::from("-") } else { items.join(",") }
}
