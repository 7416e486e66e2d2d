//! `g`, `G`, `p`, `P`: registers of one CPU.

use crate::description::{CORE_REGISTERS, REGISTERS, size};
use crate::hex;
use crate::reply::{BAD_ADDRESS, MALFORMED, Reply};
use crate::target::Target;

/// `g`: the core registers; the others are read one by one.
pub fn read_all<T: Target>(target: &T, cpu: usize, reply: &mut Reply) {
    (0..CORE_REGISTERS).for_each(|number| value(target, cpu, number, reply));
}

/// `GDIGITS`
pub fn write_all<T: Target>(target: &mut T, cpu: usize, packet: &[u8], reply: &mut Reply) {
    let total: usize = (0..CORE_REGISTERS).map(size).sum();
    if packet.len() - 1 != 2 * total {
        return reply.text(MALFORMED);
    }
    let mut rest = &packet[1..];
    for number in 0..CORE_REGISTERS {
        let (digits, others) = rest.split_at(2 * size(number));
        rest = others;
        let Some(value) = parse(digits) else { return reply.text(MALFORMED) };
        if let Err(refusal) = target.set_register(cpu, number, value) {
            return reply.outcome(Err(refusal));
        }
    }
    reply.text("OK");
}

/// `p20`
pub fn read<T: Target>(target: &T, cpu: usize, packet: &[u8], reply: &mut Reply) {
    match number(&packet[1..]) {
        Some(number) => value(target, cpu, number, reply),
        None => reply.text(BAD_ADDRESS),
    }
}

/// `P20=DIGITS`
pub fn write<T: Target>(target: &mut T, cpu: usize, packet: &[u8], reply: &mut Reply) {
    let parsed = hex::split(&packet[1..], b'=').and_then(|(name, digits)| {
        let number = number(name).filter(|&number| digits.len() == 2 * size(number))?;
        Some((number, parse(digits)?))
    });
    match parsed {
        Some((number, value)) => reply.outcome(target.set_register(cpu, number, value)),
        None => reply.text(MALFORMED),
    }
}

fn number(text: &[u8]) -> Option<usize> {
    let number = usize::try_from(hex::number(text)?).ok()?;
    (number < REGISTERS).then_some(number)
}

/// Digits in the machine's byte order: the lowest byte first; `x` for an unknown value.
fn value<T: Target>(target: &T, cpu: usize, number: usize, reply: &mut Reply) {
    match target.register(cpu, number) {
        Some(value) => reply.hex_bytes(&value.to_le_bytes()[..size(number)]),
        None => (0..2 * size(number)).for_each(|_| reply.byte(b'x')),
    }
}

fn parse(digits: &[u8]) -> Option<u64> {
    let mut bytes = [0; 8];
    hex::decode(digits, bytes.get_mut(..digits.len() / 2)?)?;
    Some(u64::from_le_bytes(bytes))
}
