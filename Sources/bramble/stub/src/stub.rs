//! The conversation with the debugger.

use crate::packet::{self, Event, Receiver};
use crate::reply::{MALFORMED, Reply};
use crate::resume::{self, Action, Resumption, Selection};
use crate::stop::{Cause, Stop, signal};
use crate::target::{MOST_CPUS, Target};
use crate::{breakpoints, memory, queries, registers};

/// How often a reply is sent at most. A debugger that refuses it every time has gone mad.
const MOST_TRIES: usize = 8;

pub struct Stub {
    receiver: Receiver,
    reply: Reply,
    /// Why the machine stands still.
    stop: Stop,
    /// The CPU that packets about registers and memory mean: `Hg`.
    general: usize,
    /// The CPUs that `c` and `s` mean: `Hc`.
    resumed: Selection,
    /// A debugger has talked to the stub and has not taken its leave.
    is_attached: bool,
    /// The debugger has let the machine go on and waits for it to stop.
    awaits_stop: bool,
    acknowledges: bool,
}

/// What a byte says that arrives while the machine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    Nothing,
    /// The machine has to stand still.
    Halt,
}

impl Default for Stub {
    fn default() -> Self {
        Self::new()
    }
}

impl Stub {
    pub const fn new() -> Self {
        Self {
            receiver: Receiver::new(),
            reply: Reply::new(),
            stop: Stop { cpu: 0, signal: signal::INTERRUPT, cause: Cause::Signal },
            general: 0,
            resumed: Selection::All,
            is_attached: false,
            awaits_stop: false,
            acknowledges: true,
        }
    }

    pub fn is_attached(&self) -> bool {
        self.is_attached
    }

    /// A byte that has arrived while the machine runs: 0x03, or a packet of a debugger that has
    /// just connected, halts it.
    pub fn notice(&mut self, byte: u8) -> Wish {
        match self.receiver.take(byte) {
            Event::Begun | Event::Interrupt => Wish::Halt,
            _ => Wish::Nothing,
        }
    }

    /// Shows `text` on the debugger's console, as far as the machine runs under it.
    pub fn print<T: Target>(&mut self, target: &mut T, text: &[u8]) {
        for piece in text.chunks(packet::SIZE / 2 - 1) {
            self.reply.clear();
            self.reply.byte(b'O');
            self.reply.hex_bytes(piece);
            packet::send(self.reply.bytes(), |byte| target.put(byte));
        }
    }

    /// Does the debugger wait for the machine, and may be sent what it prints?
    pub fn takes_output(&self) -> bool {
        self.is_attached && self.awaits_stop
    }

    /// Serves the debugger while the machine stands still.
    pub fn halted<T: Target>(&mut self, target: &mut T, stop: Stop) -> Resumption {
        self.stop = stop;
        self.general = stop.cpu;
        if core::mem::take(&mut self.awaits_stop) {
            self.reply.clear();
            self.stop.describe(&mut self.reply);
            self.send(target);
        }
        loop {
            self.receive(target);
            self.reply.clear();
            if let Some(resumption) = self.handle(target) {
                return resumption;
            }
        }
    }

    /// Waits for a whole packet.
    fn receive<T: Target>(&mut self, target: &mut T) {
        loop {
            let byte = target.get();
            match self.receiver.take(byte) {
                Event::Packet => {
                    self.acknowledge(target, b'+');
                    self.is_attached = true;
                    return;
                }
                Event::Damaged => self.acknowledge(target, b'-'),
                _ => {}
            }
        }
    }

    /// The debugger has taken its leave.
    fn forget(&mut self) {
        self.is_attached = false;
        self.awaits_stop = false;
        self.acknowledges = true;
        self.resumed = Selection::All;
    }

    fn acknowledge<T: Target>(&self, target: &mut T, byte: u8) {
        if self.acknowledges {
            target.put(byte);
        }
    }

    /// Sends the reply, again as long as the debugger refuses it. The beginning of a packet is as
    /// good as an acknowledgement: that one was lost.
    fn send<T: Target>(&mut self, target: &mut T) {
        for _ in 0..MOST_TRIES {
            packet::send(self.reply.bytes(), |byte| target.put(byte));
            if !self.acknowledges {
                return;
            }
            loop {
                let byte = target.get();
                match self.receiver.take(byte) {
                    Event::Acknowledged | Event::Begun => return,
                    Event::Refused => break,
                    _ => {}
                }
            }
        }
    }

    /// Answers the packet that has been received; `Some` if the machine goes on.
    fn handle<T: Target>(&mut self, target: &mut T) -> Option<Resumption> {
        let Self { receiver, reply, .. } = self;
        let packet = receiver.content().unwrap_or(b"");
        let cpu = self.general;
        match packet.first() {
            Some(b'?') => self.stop.describe(reply),
            Some(b'g') => registers::read_all(target, cpu, reply),
            Some(b'G') => registers::write_all(target, cpu, packet, reply),
            Some(b'p') => registers::read(target, cpu, packet, reply),
            Some(b'P') => registers::write(target, cpu, packet, reply),
            Some(b'm') => memory::read(target, cpu, packet, reply),
            Some(b'M') => memory::write(target, cpu, packet, reply),
            Some(b'x') => memory::read_binary(target, cpu, packet, reply),
            Some(b'X') => memory::write_binary(target, cpu, packet, reply),
            Some(b'Z' | b'z') => breakpoints::change(target, cpu, packet, reply),
            Some(b'q') => queries::answer(target, cpu, packet, reply),
            Some(b'H' | b'T') => self.select(target),
            Some(b'v' | b'c' | b'C' | b's' | b'S' | b'D' | b'k' | b'Q') => {
                return self.control(target);
            }
            // An empty reply: not supported.
            _ => {}
        }
        self.send(target);
        None
    }

    /// `HgTHREAD`, `HcTHREAD`; `TTHREAD` asks whether there is one.
    fn select<T: Target>(&mut self, target: &T) {
        let packet = self.receiver.content().unwrap_or(b"");
        let (operation, thread) = match packet {
            [b'H', operation, thread @ ..] => (*operation, thread),
            [_, thread @ ..] => (b'T', thread),
            [] => return,
        };
        let chosen = resume::selection(thread).filter(|&selection| match selection {
            Selection::All => true,
            Selection::One(cpu) => target.is_halted(cpu),
        });
        match (operation, chosen) {
            (_, None) => return self.reply.text(MALFORMED),
            (b'g', Some(Selection::One(cpu))) => self.general = cpu,
            (b'g', Some(Selection::All)) => self.general = self.stop.cpu,
            (b'c', Some(selection)) => self.resumed = selection,
            (b'T', Some(Selection::One(_))) => {}
            _ => return self.reply.text(MALFORMED),
        }
        self.reply.text("OK");
    }

    /// Packets that change how the machine or the conversation goes on.
    fn control<T: Target>(&mut self, target: &mut T) -> Option<Resumption> {
        let packet = self.receiver.content().unwrap_or(b"");
        let actions = match packet {
            b"QStartNoAckMode" => {
                self.reply.text("OK");
                self.send(target);
                self.acknowledges = false;
                return None;
            }
            [b'D', ..] => {
                target.remove_all();
                self.reply.text("OK");
                self.send(target);
                self.forget();
                return Some(Resumption::Detached);
            }
            [b'k', ..] => return Some(Resumption::Kill),
            b"vCont?" => {
                self.reply.text("vCont;c;C;s;S");
                None
            }
            [b'v', b'C', b'o', b'n', b't', b';', rest @ ..] => {
                let actions = resume::actions(rest);
                if actions.is_none() {
                    self.reply.text(MALFORMED);
                }
                actions
            }
            // To go on somewhere else, the debugger can write the pc.
            [letter @ (b'c' | b's')] | [letter @ (b'C' | b'S'), _, _] => {
                Some(resume::plain(*letter, self.resumed, self.stop.cpu))
            }
            [b'c' | b's' | b'C' | b'S', ..] => {
                self.reply.text(MALFORMED);
                None
            }
            _ => None,
        };
        match actions.filter(|actions| goes_on(target, actions)) {
            Some(actions) => {
                self.awaits_stop = true;
                Some(Resumption::Go(actions))
            }
            None => {
                if actions.is_some() {
                    self.reply.text(MALFORMED);
                }
                self.send(target);
                None
            }
        }
    }
}

/// Does any CPU move? If none did, nobody could ever stop the machine again.
fn goes_on<T: Target>(target: &T, actions: &[Action; MOST_CPUS]) -> bool {
    let mut cpus = actions.iter().enumerate();
    cpus.any(|(cpu, &action)| action != Action::Stay && target.is_halted(cpu))
}
