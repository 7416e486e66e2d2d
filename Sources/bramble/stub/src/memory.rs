//! `m`, `M`, `x`, `X` and `qCRC`: memory as a CPU sees it.

use crate::crc;
use crate::hex;
use crate::reply::{BAD_ADDRESS, MALFORMED, Reply};
use crate::target::Target;

/// Memory is moved in pieces of this many bytes.
const PIECE: usize = 256;

/// `mADDRESS,LENGTH`: digits, fewer than asked for where memory ends.
pub fn read<T: Target>(target: &mut T, cpu: usize, packet: &[u8], reply: &mut Reply) {
    let Some((address, length)) = hex::range(&packet[1..]) else { return reply.text(MALFORMED) };
    let most = (reply.room() / 2) as u64;
    let done = visit(target, cpu, address, length.min(most), |piece| reply.hex_bytes(piece));
    if done == 0 && length != 0 {
        reply.text(BAD_ADDRESS);
    }
}

/// `xADDRESS,LENGTH`: `b` and bytes, escaped.
pub fn read_binary<T: Target>(target: &mut T, cpu: usize, packet: &[u8], reply: &mut Reply) {
    let Some((address, length)) = hex::range(&packet[1..]) else { return reply.text(MALFORMED) };
    reply.byte(b'b');
    // Every byte may have to be escaped.
    let most = (reply.room() / 2) as u64;
    let done = visit(target, cpu, address, length.min(most), |piece| {
        piece.iter().for_each(|&byte| reply.binary(byte));
    });
    if done == 0 && length != 0 {
        reply.clear();
        reply.text(BAD_ADDRESS);
    }
}

/// `MADDRESS,LENGTH:DIGITS`
pub fn write<T: Target>(target: &mut T, cpu: usize, packet: &[u8], reply: &mut Reply) {
    let Some((address, length, data)) = parse_write(packet) else { return reply.text(MALFORMED) };
    if data.len() as u64 != length.saturating_mul(2) {
        return reply.text(MALFORMED);
    }
    let mut at = address;
    for digits in data.chunks(2 * PIECE) {
        let mut piece = [0; PIECE];
        let piece = &mut piece[..digits.len() / 2];
        if hex::decode(digits, piece).is_none() {
            return reply.text(MALFORMED);
        }
        if let Err(refusal) = target.write(cpu, at, piece) {
            return reply.outcome(Err(refusal));
        }
        at = at.wrapping_add(piece.len() as u64);
    }
    reply.text("OK");
}

/// `XADDRESS,LENGTH:BYTES`
pub fn write_binary<T: Target>(target: &mut T, cpu: usize, packet: &[u8], reply: &mut Reply) {
    match parse_write(packet) {
        // An empty write asks whether the packet is known.
        Some((_, 0, [])) => reply.text("OK"),
        Some((address, length, data)) if data.len() as u64 == length => {
            reply.outcome(target.write(cpu, address, data));
        }
        _ => reply.text(MALFORMED),
    }
}

/// `qCRC:ADDRESS,LENGTH`
pub fn checksum<T: Target>(target: &mut T, cpu: usize, arguments: &[u8], reply: &mut Reply) {
    let Some((address, length)) = hex::range(arguments) else { return reply.text(MALFORMED) };
    let mut sum = crc::START;
    let done = visit(target, cpu, address, length, |piece| sum = crc::update(sum, piece));
    if done < length {
        return reply.text(BAD_ADDRESS);
    }
    reply.byte(b'C');
    reply.hex_number(sum.into());
}

fn parse_write(packet: &[u8]) -> Option<(u64, u64, &[u8])> {
    let (place, data) = hex::split(&packet[1..], b':')?;
    let (address, length) = hex::range(place)?;
    Some((address, length, data))
}

/// Shows memory piece by piece; returns how many bytes there were up to the first unreadable one.
fn visit<T: Target>(
    target: &mut T,
    cpu: usize,
    address: u64,
    length: u64,
    mut show: impl FnMut(&[u8]),
) -> u64 {
    let mut piece = [0; PIECE];
    let mut done = 0;
    while done < length {
        let wanted = (length - done).min(PIECE as u64) as usize;
        let count = target.read(cpu, address.wrapping_add(done), &mut piece[..wanted]).min(wanted);
        show(&piece[..count]);
        done += count as u64;
        if count < wanted {
            break;
        }
    }
    done
}
