//! Language-specific data: which landing pad a call site has (`.gcc_except_table`).

use crate::Error;
use crate::reader::{Section, encoding};

/// What a function wants done when one of its instructions does not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landing {
    /// Nothing is owned here.
    None,
    /// Drop what is owned, then go on with `_Unwind_Resume`.
    Cleanup(u64),
    /// `catch`: the unwinding ends here.
    Catch(u64),
}

/// Looks `pc` up in the call-site table at `lsda` of the function that starts at `start`.
pub fn find(table: &Section, lsda: u64, start: u64, pc: u64) -> Result<Landing, Error> {
    let mut reader = table.reader(lsda)?;
    let base_encoding = reader.u8()?;
    let base = match base_encoding {
        encoding::OMIT => start,
        _ => reader.pointer(base_encoding)?.unwrap_or(start),
    };
    if reader.u8()? != encoding::OMIT {
        // Distance to the type table: Rust catches everything or nothing, types do not matter.
        reader.uleb()?;
    }
    let site_encoding = encoding::format(reader.u8()?);
    let byte_count = reader.uleb()?;
    let mut sites = reader.take(byte_count)?;
    while !sites.is_empty() {
        let first = start.wrapping_add(sites.pointer(site_encoding)?.unwrap_or(0));
        let length = sites.pointer(site_encoding)?.unwrap_or(0);
        let pad = sites.pointer(site_encoding)?;
        let action = sites.uleb()?;
        if pc < first || pc.wrapping_sub(first) >= length {
            continue;
        }
        return Ok(match pad {
            None => Landing::None,
            Some(offset) if action == 0 => Landing::Cleanup(base.wrapping_add(offset)),
            Some(offset) => Landing::Catch(base.wrapping_add(offset)),
        });
    }
    // An instruction that cannot unwind in the compiler's view, but did: nothing to run.
    Ok(Landing::None)
}
