//! Finding the call frame information of an instruction: `.eh_frame_hdr`, then FDE, then CIE.

use crate::Error;
use crate::reader::{Reader, Section, encoding};

/// The unwind tables of one image.
#[derive(Clone, Copy)]
pub struct Tables<'a> {
    pub eh_frame_hdr: Section<'a>,
    pub eh_frame: Section<'a>,
    pub gcc_except_table: Section<'a>,
}

/// Common information entry.
pub struct Cie<'a> {
    pub code_alignment: u64,
    pub data_alignment: i64,
    pub return_register: u64,
    /// The frame was interrupted, not left by a call: its pc is exact.
    pub is_signal_frame: bool,
    pub instructions: Reader<'a>,
    has_augmentation_data: bool,
    pointer_encoding: u8,
    lsda_encoding: u8,
}

/// Frame description entry: one function.
pub struct Fde<'a> {
    pub cie: Cie<'a>,
    pub start: u64,
    pub end: u64,
    pub lsda: Option<u64>,
    pub instructions: Reader<'a>,
}

impl<'a> Tables<'a> {
    /// The entry that covers `pc`.
    pub fn find(&self, pc: u64) -> Result<Fde<'a>, Error> {
        let fde = self.entry(self.search(pc)?)?;
        if pc < fde.start || pc >= fde.end {
            return Err(Error::NoEntry(pc));
        }
        Ok(fde)
    }

    /// Binary search in `.eh_frame_hdr` for the last entry that starts at or before `pc`.
    /// The only layout read is the one that linkers write: pairs of 32-bit offsets from the header.
    fn search(&self, pc: u64) -> Result<u64, Error> {
        let base = self.eh_frame_hdr.address;
        let mut reader = self.eh_frame_hdr.reader(base)?;
        let (version, frame_encoding) = (reader.u8()?, reader.u8()?);
        let (count_encoding, table_encoding) = (reader.u8()?, reader.u8()?);
        if version != 1 || table_encoding != 0x3b {
            return Err(Error::UnknownEncoding(table_encoding));
        }
        reader.pointer(frame_encoding)?;
        let count = reader.pointer(count_encoding)?.unwrap_or(0);
        let pairs = count.checked_mul(8).ok_or(Error::Truncated)?;
        let table = reader.take(pairs)?;
        let pair = |index: u64| -> Result<(u64, u64), Error> {
            let mut reader = table;
            reader.take(index * 8)?;
            let relative = |offset: u32| base.wrapping_add(offset as i32 as u64);
            Ok((relative(reader.u32()?), relative(reader.u32()?)))
        };
        // Invariant: entries below `low` start at or before pc, those from `high` on start after.
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            if pair(middle)?.0 <= pc {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let index = low.checked_sub(1).ok_or(Error::NoEntry(pc))?;
        Ok(pair(index)?.1)
    }

    /// Reads the FDE at `address`, and its CIE.
    fn entry(&self, address: u64) -> Result<Fde<'a>, Error> {
        let mut reader = self.block(address)?;
        let place = reader.address();
        // Offset back from this field to the length field of the CIE; 0 would be a CIE itself.
        let back = u64::from(reader.u32()?);
        if back == 0 {
            return Err(Error::Malformed);
        }
        let cie = self.cie(place.wrapping_sub(back))?;
        let start = reader.pointer(cie.pointer_encoding)?.unwrap_or(0);
        let byte_count = reader.pointer(encoding::format(cie.pointer_encoding))?.unwrap_or(0);
        let mut lsda = None;
        if cie.has_augmentation_data {
            let length = reader.uleb()?;
            let mut data = reader.take(length)?;
            if cie.lsda_encoding != encoding::OMIT {
                lsda = data.pointer(cie.lsda_encoding)?;
            }
        }
        let end = start.wrapping_add(byte_count);
        Ok(Fde { cie, start, end, lsda, instructions: reader })
    }

    fn cie(&self, address: u64) -> Result<Cie<'a>, Error> {
        let mut reader = self.block(address)?;
        let (identifier, version) = (reader.u32()?, reader.u8()?);
        if identifier != 0 || (version != 1 && version != 3) {
            return Err(Error::Malformed);
        }
        let augmentation = reader;
        while reader.u8()? != 0 {}
        let code_alignment = reader.uleb()?;
        let data_alignment = reader.sleb()?;
        let return_register = if version == 1 { u64::from(reader.u8()?) } else { reader.uleb()? };
        let mut cie = Cie {
            code_alignment,
            data_alignment,
            return_register,
            is_signal_frame: false,
            instructions: reader,
            has_augmentation_data: false,
            pointer_encoding: 0,
            lsda_encoding: encoding::OMIT,
        };
        cie.augment(augmentation)?;
        Ok(cie)
    }

    /// The contents of the entry at `address`, after its length field.
    fn block(&self, address: u64) -> Result<Reader<'a>, Error> {
        let mut reader = self.eh_frame.reader(address)?;
        let length = reader.u32()?;
        // 0 ends the section, all ones announce the 64-bit format, which nobody needs here.
        if length == 0 || length == u32::MAX {
            return Err(Error::Malformed);
        }
        reader.take(u64::from(length))
    }
}

impl<'a> Cie<'a> {
    /// Follows the augmentation string, whose data stands where the instructions seemed to begin.
    fn augment(&mut self, mut string: Reader<'a>) -> Result<(), Error> {
        let mut data = self.instructions;
        loop {
            match string.u8()? {
                0 => return Ok(()),
                b'z' => {
                    let length = self.instructions.uleb()?;
                    data = self.instructions.take(length)?;
                    self.has_augmentation_data = true;
                }
                b'R' => self.pointer_encoding = data.u8()?,
                b'L' => self.lsda_encoding = data.u8()?,
                b'P' => {
                    // The personality is never called: this unwinder knows only one language.
                    let encoding = data.u8()?;
                    data.pointer(encoding & !encoding::INDIRECT)?;
                }
                b'S' => self.is_signal_frame = true,
                // Return addresses signed with key B.
                b'B' => {}
                _ => return Err(Error::Malformed),
            }
        }
    }
}
