//! `Z` and `z`: breakpoints and watchpoints.

use crate::hex;
use crate::reply::{MALFORMED, Reply};
use crate::target::{Refusal, Target};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakpointKind {
    /// An instruction in memory.
    Software,
    /// A debug register.
    Hardware,
    Write,
    Read,
    Access,
}

/// `Z0,ffffff8040201000,4`
pub fn change<T: Target>(target: &mut T, cpu: usize, packet: &[u8], reply: &mut Reply) {
    let Some((is_insertion, kind, address, length)) = parse(packet) else {
        return reply.text(MALFORMED);
    };
    let Some(kind) = kind else { return reply.outcome(Err(Refusal::Unsupported)) };
    reply.outcome(if is_insertion {
        target.insert(cpu, kind, address, length)
    } else {
        target.remove(cpu, kind, address, length)
    });
}

fn parse(packet: &[u8]) -> Option<(bool, Option<BreakpointKind>, u64, u64)> {
    let (&letter, rest) = packet.split_first()?;
    let (kind, place) = hex::split(rest, b',')?;
    // Conditions and commands behind the length were not offered.
    let (address, length) = hex::range(place)?;
    let kind = match hex::number(kind)? {
        0 => Some(BreakpointKind::Software),
        1 => Some(BreakpointKind::Hardware),
        2 => Some(BreakpointKind::Write),
        3 => Some(BreakpointKind::Read),
        4 => Some(BreakpointKind::Access),
        _ => None,
    };
    Some((letter == b'Z', kind, address, length))
}
