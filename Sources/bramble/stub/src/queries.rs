//! `q` packets: what the stub can do, threads, the target description.

use crate::description::XML;
use crate::hex;
use crate::memory;
use crate::packet::SIZE;
use crate::reply::{MALFORMED, Reply};
use crate::target::{MOST_CPUS, Target};

pub fn answer<T: Target>(target: &mut T, cpu: usize, packet: &[u8], reply: &mut Reply) {
    let name = packet.split(|byte| b":,;".contains(byte)).next().unwrap_or(packet);
    let arguments = packet.get(name.len() + 1..).unwrap_or(&[]);
    match name {
        b"qSupported" => supported(reply),
        b"qXfer" => transfer(arguments, reply),
        b"qCRC" => memory::checksum(target, cpu, arguments, reply),
        b"qAttached" => reply.text("1"),
        b"qC" => {
            reply.text("QC");
            reply.hex_number(cpu as u64 + 1);
        }
        b"qfThreadInfo" => threads(target, reply),
        b"qsThreadInfo" => reply.text("l"),
        b"qThreadExtraInfo" => extra_info(target, arguments, reply),
        _ => {}
    }
}

fn supported(reply: &mut Reply) {
    reply.text("PacketSize=");
    reply.hex_number(SIZE as u64);
    reply.text(
        ";QStartNoAckMode+;qXfer:features:read+;vContSupported+;swbreak+;hwbreak+;binary-upload+",
    );
}

/// `features:read:target.xml:OFFSET,LENGTH`
fn transfer(arguments: &[u8], reply: &mut Reply) {
    let Some(range) = arguments.strip_prefix(b"features:read:target.xml:") else {
        return reply.text("E00");
    };
    let Some((offset, length)) = hex::range(range) else { return reply.text(MALFORMED) };
    let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(XML.len());
    let rest = &XML.as_bytes()[offset..];
    let count = usize::try_from(length).unwrap_or(usize::MAX).min(reply.room() / 2).min(rest.len());
    reply.byte(if count < rest.len() { b'm' } else { b'l' });
    rest[..count].iter().for_each(|&byte| reply.binary(byte));
}

/// One thread for each CPU that stands still, numbered from 1.
fn threads<T: Target>(target: &T, reply: &mut Reply) {
    let mut separator = b'm';
    for cpu in (0..MOST_CPUS).filter(|&cpu| target.is_halted(cpu)) {
        reply.byte(separator);
        reply.hex_number(cpu as u64 + 1);
        separator = b',';
    }
}

/// `CPU 0 (EL1)`, in digits.
fn extra_info<T: Target>(target: &T, arguments: &[u8], reply: &mut Reply) {
    const CPSR: usize = 33;
    let cpu = hex::number(arguments)
        .and_then(|thread| usize::try_from(thread.checked_sub(1)?).ok())
        .filter(|&cpu| cpu < MOST_CPUS && target.is_halted(cpu));
    let Some(cpu) = cpu else { return reply.text(MALFORMED) };
    reply.hex_bytes(b"CPU ");
    reply.hex_bytes(&[hex::character(cpu as u8)]);
    if let Some(state) = target.register(cpu, CPSR) {
        reply.hex_bytes(b" (EL");
        reply.hex_bytes(&[hex::character((state >> 2 & 3) as u8)]);
        reply.hex_bytes(b")");
    }
}
