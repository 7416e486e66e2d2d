//! The checksum of `qCRC`: CRC-32 with polynomial 0x04c11db7, from all ones, not reflected.

pub const START: u32 = u32::MAX;

pub fn update(crc: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(crc, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte) << 24, |crc, _| {
            let carry = crc >> 31 != 0;
            crc << 1 ^ if carry { 0x04c1_1db7 } else { 0 }
        })
    })
}
