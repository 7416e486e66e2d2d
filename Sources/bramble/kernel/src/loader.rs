//! The two EL0 images, and how they get into a space.

use bramble_abi::Error;

use crate::arch::{self, table::Access};
use crate::domain::{Domain, Image};
use crate::memory::PAGE;
use crate::space::Space;

/// Stripped copies: the files with debug information stay outside.
static SERVERS: &[u8] = include_bytes!(env!("BRAMBLE_SERVERS"));
static USER: &[u8] = include_bytes!(env!("BRAMBLE_USER"));

const LOAD: u32 = 1;
const EXECUTABLE: u32 = 1;
const WRITABLE: u32 = 2;

/// Maps an image into a space, in pages that belong to `owner`; its entry point.
pub fn load(image: Image, space: &Space, owner: &Domain) -> Result<u64, Error> {
    let file = match image {
        Image::Servers => SERVERS,
        Image::User => USER,
        Image::Bramble => return Err(Error::InvalidArgument),
    };
    let entry = load_segments(file, space, owner).ok_or(Error::InvalidArgument)?;
    arch::synchronise_code();
    Ok(entry)
}

/// `None` when the file is no sound ELF image or memory runs out.
fn load_segments(file: &[u8], space: &Space, owner: &Domain) -> Option<u64> {
    if !file.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let headers = usize::try_from(double_word(file, 0x20)?).ok()?;
    let size = usize::from(half_word(file, 0x36)?);
    for number in 0..usize::from(half_word(file, 0x38)?) {
        let header = file.get(headers.checked_add(size * number)?..)?;
        if word(header, 0)? == LOAD {
            load_segment(file, header, space, owner)?;
        }
    }
    double_word(file, 0x18)
}

fn load_segment(file: &[u8], header: &[u8], space: &Space, owner: &Domain) -> Option<()> {
    let flags = word(header, 4)?;
    let offset = usize::try_from(double_word(header, 8)?).ok()?;
    let address = double_word(header, 16)?;
    let file_size = usize::try_from(double_word(header, 32)?).ok()?;
    let end = address.checked_add(double_word(header, 40)?)?;
    let access = match (flags & WRITABLE != 0, flags & EXECUTABLE != 0) {
        (true, true) => return None,
        (true, false) => Access::Write,
        (false, true) => Access::Execute,
        (false, false) => Access::Read,
    };
    let page = PAGE as u64;
    let first = address - address % page;
    space.map_fresh(owner, first..end.checked_next_multiple_of(page)?, access).ok()?;
    space.load(address, file.get(offset..offset.checked_add(file_size)?)?).ok()
}

fn half_word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn double_word(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
