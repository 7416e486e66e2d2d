//! Bounded reading of the tables: nothing here can leave its slice, whatever the bytes are.

use crate::Error;

/// A table together with the address it is loaded at, as its contents refer to addresses.
#[derive(Clone, Copy)]
pub struct Section<'a> {
    pub bytes: &'a [u8],
    pub address: u64,
}

impl<'a> Section<'a> {
    pub const fn new(bytes: &'a [u8], address: u64) -> Self {
        Section { bytes, address }
    }

    /// A reader from `address` to the end of the section.
    pub fn reader(&self, address: u64) -> Result<Reader<'a>, Error> {
        let offset = address.checked_sub(self.address).ok_or(Error::Truncated)?;
        let offset = usize::try_from(offset).map_err(|_| Error::Truncated)?;
        let bytes = self.bytes.get(offset..).ok_or(Error::Truncated)?;
        Ok(Reader { bytes, address })
    }
}

/// A position in a section; `address` is the address of `bytes[0]`.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    address: u64,
}

/// Pointer encodings (LSB core specification, "DWARF extensions").
pub mod encoding {
    pub const OMIT: u8 = 0xff;
    pub const INDIRECT: u8 = 0x80;
    const APPLICATION: u8 = 0x70;
    const FORMAT: u8 = 0x0f;

    pub const fn format(encoding: u8) -> u8 {
        encoding & FORMAT
    }

    pub const fn application(encoding: u8) -> u8 {
        encoding & APPLICATION
    }
}

impl<'a> Reader<'a> {
    pub fn address(&self) -> u64 {
        self.address
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Takes the next `count` bytes as a reader of their own.
    pub fn take(&mut self, count: u64) -> Result<Reader<'a>, Error> {
        let count = usize::try_from(count).map_err(|_| Error::Truncated)?;
        if count > self.bytes.len() {
            return Err(Error::Truncated);
        }
        let (head, tail) = self.bytes.split_at(count);
        let taken = Reader { bytes: head, address: self.address };
        self.bytes = tail;
        self.address = self.address.wrapping_add(count as u64);
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let taken = self.take(N as u64)?;
        taken.bytes.try_into().map_err(|_| Error::Truncated)
    }

    pub fn u8(&mut self) -> Result<u8, Error> {
        Ok(self.array::<1>()?[0])
    }

    pub fn u16(&mut self) -> Result<u16, Error> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub fn u32(&mut self) -> Result<u32, Error> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub fn u64(&mut self) -> Result<u64, Error> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// Unsigned LEB128; bits beyond 64 are an error.
    pub fn uleb(&mut self) -> Result<u64, Error> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Error::Truncated)
    }

    /// Signed LEB128.
    pub fn sleb(&mut self) -> Result<i64, Error> {
        let mut value = 0i64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let unused = 64 - (shift + 7).min(64);
                return Ok(value << unused >> unused);
            }
        }
        Err(Error::Truncated)
    }

    /// A pointer in one of the encodings; `None` for the null pointer, which is never relative.
    pub fn pointer(&mut self, encoding: u8) -> Result<Option<u64>, Error> {
        let place = self.address;
        let value = match encoding::format(encoding) {
            0x0 | 0x4 | 0xc => self.u64()?,
            0x1 => self.uleb()?,
            0x2 => u64::from(self.u16()?),
            0x3 => u64::from(self.u32()?),
            0x9 => self.sleb()? as u64,
            0xa => self.u16()? as i16 as u64,
            0xb => self.u32()? as i32 as u64,
            _ => return Err(Error::UnknownEncoding(encoding)),
        };
        if value == 0 {
            return Ok(None);
        }
        match encoding::application(encoding) {
            0x00 => Ok(Some(value)),
            0x10 => Ok(Some(place.wrapping_add(value))),
            _ => Err(Error::UnknownEncoding(encoding)),
        }
    }
}
