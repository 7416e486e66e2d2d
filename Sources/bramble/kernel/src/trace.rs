//! What happened lately: messages and switches, for whoever reads the kernel's memory.

use crate::arch::timer;
use crate::identifier::{EndpointId, NotificationId, Tid};
use crate::ring::Ring;
use crate::sync::Mutex;
use crate::thread::{State, Thread};

pub static IPC_RING: Mutex<Ring<IpcEvent, 1024>> = Mutex::new(Ring::new());
pub static SWITCH_RING: Mutex<Ring<SwitchEvent, 1024>> = Mutex::new(Ring::new());

#[derive(Clone, Copy, Debug)]
#[expect(dead_code, reason = "written for whoever reads the kernel's memory")]
pub struct IpcEvent {
    pub sequence: u64,
    /// Nanoseconds since boot.
    pub time: u64,
    pub kind: IpcKind,
    /// Who sent, or waited; `None` for an interrupt.
    pub sender: Option<Tid>,
    /// Who took it, if anybody has.
    pub receiver: Option<Tid>,
    pub channel: Channel,
    /// For a notification, its bits; for a time-out or a cancelled wait, the error's number.
    pub label: u64,
    pub badge: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IpcKind {
    /// A call was made; nobody has taken it yet.
    Call,
    /// A server took a call, or a receiver took a message.
    Receive,
    Reply,
    /// A message was put into a queue.
    Send,
    /// Bits of a notification were set.
    Notify,
    /// A wait ended because its time was over.
    TimeOut,
    /// A wait ended because what it was for has gone.
    Cancel,
}

/// What an IPC event went through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Endpoint(EndpointId),
    Notification(NotificationId),
    /// Nothing but the two threads: a reply, and the end of a wait for one.
    Direct,
}

#[derive(Clone, Copy, Debug)]
#[expect(dead_code, reason = "written for whoever reads the kernel's memory")]
pub struct SwitchEvent {
    pub sequence: u64,
    /// Nanoseconds since boot.
    pub time: u64,
    pub cpu: usize,
    pub from: Tid,
    pub to: Tid,
    pub reason: SwitchReason,
}

/// Why a thread stopped running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwitchReason {
    Blocked,
    /// Its slice was over, or it yielded.
    SliceOver,
    /// A thread of higher priority became ready.
    Outranked,
    Dead,
    /// It was the idle thread, and there was work.
    WorkArrived,
}

/// Notes a message, or the end of a wait for one.
pub fn ipc(
    kind: IpcKind,
    (sender, receiver): (Option<Tid>, Option<Tid>),
    channel: Channel,
    (label, badge): (u64, u64),
) {
    let time = timer::now();
    IPC_RING.lock().append(|sequence| IpcEvent {
        sequence,
        time,
        kind,
        sender,
        receiver,
        channel,
        label,
        badge,
    });
}

/// Notes that a CPU goes on with another thread.
pub fn switch(time: u64, cpu: usize, from: &Thread, to: &Thread) {
    let reason = match *from.state.lock() {
        State::Idle => SwitchReason::WorkArrived,
        State::Dead => SwitchReason::Dead,
        State::Blocked(_) => SwitchReason::Blocked,
        State::Running | State::Ready if to.priority > from.priority => SwitchReason::Outranked,
        State::Running | State::Ready => SwitchReason::SliceOver,
    };
    SWITCH_RING.lock().append(|sequence| SwitchEvent {
        sequence,
        time,
        cpu,
        from: from.id,
        to: to.id,
        reason,
    });
}
