//! Hexadecimal digits, in and out.

pub fn digit(byte: u8) -> Option<u8> {
    (byte as char).to_digit(16).map(|digit| digit as u8)
}

pub fn character(nibble: u8) -> u8 {
    b"0123456789abcdef"[usize::from(nibble & 0xf)]
}

/// A number without sign or prefix; `None` for no digits, other characters, or more than 64 bits.
pub fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 16 {
        return None;
    }
    text.iter().try_fold(0, |value, &byte| Some(value << 4 | u64::from(digit(byte)?)))
}

/// Pairs of digits to bytes, as many as `bytes` has; `None` unless there are exactly that many.
pub fn decode(text: &[u8], bytes: &mut [u8]) -> Option<()> {
    if text.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(())
}

/// Splits at the first `separator`, which belongs to neither side.
pub fn split(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let place = text.iter().position(|&byte| byte == separator)?;
    Some((&text[..place], &text[place + 1..]))
}

/// `ADDRESS,LENGTH`
pub fn range(text: &[u8]) -> Option<(u64, u64)> {
    let (address, length) = split(text, b',')?;
    Some((number(address)?, number(length)?))
}
