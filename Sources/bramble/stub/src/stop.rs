//! Why the machine stands still, and the packet that says so (GDB manual, "Stop Reply Packets").

use crate::reply::Reply;

/// Numbers of signals in GDB's own numbering.
pub mod signal {
    pub const INTERRUPT: u8 = 2;
    pub const TRAP: u8 = 5;
    pub const ABORT: u8 = 6;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The CPU that was stopped first.
    pub cpu: usize,
    pub signal: u8,
    pub cause: Cause,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The signal says it all.
    Signal,
    SoftwareBreakpoint,
    HardwareBreakpoint,
    /// An access to this address, by a watchpoint for writing, reading or both.
    Write(u64),
    Read(u64),
    Access(u64),
}

impl Stop {
    /// `T05thread:1;core:0;swbreak:;`
    pub fn describe(&self, reply: &mut Reply) {
        reply.byte(b'T');
        reply.hex_bytes(&[self.signal]);
        reply.text("thread:");
        reply.hex_number(self.cpu as u64 + 1);
        reply.text(";core:");
        reply.hex_number(self.cpu as u64);
        reply.byte(b';');
        let (name, address) = match self.cause {
            Cause::Signal => return,
            Cause::SoftwareBreakpoint => ("swbreak", None),
            Cause::HardwareBreakpoint => ("hwbreak", None),
            Cause::Write(address) => ("watch", Some(address)),
            Cause::Read(address) => ("rwatch", Some(address)),
            Cause::Access(address) => ("awatch", Some(address)),
        };
        reply.text(name);
        reply.byte(b':');
        if let Some(address) = address {
            reply.hex_number(address);
        }
        reply.byte(b';');
    }
}
