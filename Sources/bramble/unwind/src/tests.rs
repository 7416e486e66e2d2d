//! Tests on the host, over tables assembled byte by byte: `scripts/test-bramble`.

extern crate std;

use crate::frame::{Registers, Stack, caller};
use crate::lsda::{self, Landing};
use crate::reader::Section;
use crate::rules::{Row, Rule};
use crate::tables::Tables;
use crate::unwinding::{Origin, Unwinding};
use crate::{Error, RECORDED_PADS};
use std::vec::Vec;

const HEADER: u64 = 0x1000;
const FRAMES: u64 = 0x2000;
const EXCEPTIONS: u64 = 0x3000;
const OUTER: u64 = 0x4000;
const INNER: u64 = 0x5000;
const SIZE: u32 = 0x100;

/// Two functions with frames of 32 bytes that save x29 and x30 at its bottom. `OUTER` has call
/// sites: [0x20, 0x40) with a cleanup at 0x80, [0x40, 0x60) with a catch at 0x90.
struct Image {
    header: Vec<u8>,
    frames: Vec<u8>,
    exceptions: Vec<u8>,
}

fn block(bytes: &mut Vec<u8>, body: &[u8]) -> u64 {
    let place = FRAMES + bytes.len() as u64;
    let padding = (4 - body.len() % 4) % 4;
    bytes.extend(((body.len() + padding) as u32).to_le_bytes());
    bytes.extend(body);
    bytes.extend(std::iter::repeat_n(0, padding));
    place
}

fn fde(bytes: &mut Vec<u8>, start: u64, lsda: u64, instructions: &[u8]) -> u64 {
    let place = FRAMES + bytes.len() as u64 + 4;
    let relative = |target: u64, place: u64| (target.wrapping_sub(place) as u32).to_le_bytes();
    let mut body = Vec::from(((place - FRAMES) as u32).to_le_bytes());
    body.extend(relative(start, place + 4));
    body.extend(SIZE.to_le_bytes());
    body.push(4);
    body.extend(if lsda == 0 { [0; 4] } else { relative(lsda, place + 13) });
    body.extend(instructions);
    block(bytes, &body)
}

/// advance 1 (4 bytes); def_cfa_offset 32; x29 at CFA-32, x30 at CFA-24; then back at 0xf0.
const PROLOGUE: [u8; 14] =
    [0x41, 0x0e, 32, 0x9d, 4, 0x9e, 3, 0x0a, 0x02, 0xec / 4, 0xdd, 0xde, 0x0e, 0];

impl Image {
    fn new() -> Image {
        let mut frames = Vec::new();
        // Version 1, "zPLR", code alignment 4, data alignment -8, x30; 7 bytes of augmentation:
        // personality (indirect, relative), LSDA and pointers relative in 32 bits; CFA = sp.
        let cie = b"\0\0\0\0\x01zPLR\0\x04\x78\x1e\x07\x9b\0\0\0\0\x1b\x1b\x0c\x1f\0";
        block(&mut frames, cie);
        let outer = fde(&mut frames, OUTER, EXCEPTIONS, &PROLOGUE);
        let inner = fde(&mut frames, INNER, 0, &PROLOGUE);
        let mut header = Vec::from([1, 0x1b, 0x03, 0x3b]);
        let words = [0, 2, OUTER - HEADER, outer - HEADER, INNER - HEADER, outer - HEADER];
        header.extend(words.iter().flat_map(|&word| (word as u32).to_le_bytes()));
        let place = header.len() - 4;
        header[place..].copy_from_slice(&((inner - HEADER) as u32).to_le_bytes());
        let sites = [0x20, 0x20, 0x80, 0, 0x40, 0x20, 0x90, 1, 0x60, 0x10, 0, 0];
        let mut exceptions = Vec::from([0xff, 0xff, 0x01, 16]);
        for value in sites {
            // The two pad offsets need two bytes of LEB128 each, the other values one.
            match value {
                0..0x80 => exceptions.push(value),
                _ => exceptions.extend([value | 0x80, value >> 7]),
            }
        }
        exceptions[3] = (exceptions.len() - 4) as u8;
        Image { header, frames, exceptions }
    }

    /// Leaks: the tables of a program live as long as it does.
    fn tables(&self) -> Tables<'static> {
        let leak = |bytes: &Vec<u8>, address| Section::new(bytes.clone().leak(), address);
        Tables {
            eh_frame_hdr: leak(&self.header, HEADER),
            eh_frame: leak(&self.frames, FRAMES),
            gcc_except_table: leak(&self.exceptions, EXCEPTIONS),
        }
    }
}

/// A stack on which `INNER` was called by `OUTER` at 0x40 + `site`, and `OUTER` by nobody.
struct Fixture {
    memory: &'static mut [u64; 64],
}

impl Fixture {
    fn new(return_address: u64) -> Fixture {
        #[repr(align(16))]
        struct Aligned([u64; 64]);
        let memory = &mut std::boxed::Box::leak(std::boxed::Box::new(Aligned([0; 64]))).0;
        memory[8] = 0x2929;
        memory[9] = return_address;
        Fixture { memory }
    }

    fn base(&self) -> u64 {
        self.memory.as_ptr() as u64
    }

    fn unwinding(&self, tables: Tables<'static>) -> Unwinding {
        fn failed(_: &Unwinding, error: Error) -> ! {
            panic!("{error:?}")
        }
        // SAFETY: the memory is leaked.
        let stack = unsafe { Stack::new(self.base(), self.base() + 512) };
        Unwinding::new(tables, stack, 0..0, failed)
    }

    /// In the body of `INNER`.
    fn registers(&self) -> Registers {
        Registers { sp: self.base() + 64, pc: INNER + 0x10, ..Registers::ZERO }
    }
}

#[test]
fn rows_follow_prologue_and_epilogue() {
    let tables = Image::new().tables();
    let row = |offset| Row::at(INNER + offset, &tables.find(INNER + offset).unwrap()).unwrap();
    for (offset, cfa, x30) in [
        (0, 0, Rule::SameValue),
        (3, 0, Rule::SameValue),
        (4, 32, Rule::Offset(-24)),
        (0xef, 32, Rule::Offset(-24)),
        (0xf0, 0, Rule::SameValue),
    ] {
        assert_eq!((row(offset).cfa_register, row(offset).cfa_offset), (31, cfa), "{offset:#x}");
        assert_eq!(row(offset).rules[30], x30, "{offset:#x}");
    }
}

#[test]
fn functions_are_found_by_their_whole_range_only() {
    let tables = Image::new().tables();
    for pc in [OUTER - 1, OUTER + u64::from(SIZE), INNER - 1, INNER + u64::from(SIZE), 0] {
        assert_eq!(tables.find(pc).err(), Some(Error::NoEntry(pc)));
    }
    assert_eq!(tables.find(OUTER + 0xff).unwrap().lsda, Some(EXCEPTIONS));
    assert_eq!(tables.find(INNER).unwrap().lsda, None);
}

#[test]
fn call_sites_tell_cleanup_from_catch() {
    let table = Image::new().tables().gcc_except_table;
    for (offset, landing) in [
        (0x1f, Landing::None),
        (0x20, Landing::Cleanup(OUTER + 0x80)),
        (0x3f, Landing::Cleanup(OUTER + 0x80)),
        (0x40, Landing::Catch(OUTER + 0x90)),
        (0x60, Landing::None),
        (0x90, Landing::None),
    ] {
        assert_eq!(lsda::find(&table, EXCEPTIONS, OUTER, OUTER + offset), Ok(landing));
    }
}

#[test]
fn a_fault_lands_in_its_caller() {
    // A call at 0x3c returns to 0x40, where the next call site begins: the call counts.
    let fixture = Fixture::new(OUTER + 0x40);
    let mut unwinding = fixture.unwinding(Image::new().tables());
    unwinding.origin = INNER + 0x10;
    let landed = unwinding.search(fixture.registers(), Origin::Fault).unwrap();
    assert_eq!((landed.pc, landed.sp), (OUTER + 0x80, fixture.base() + 96));
    assert_eq!(landed.x[29], 0x2929);
    assert_eq!((unwinding.frames, unwinding.pads), (2, 1));
    assert_eq!(unwinding.pad_addresses, [OUTER + 0x80, 0, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn a_fault_in_a_call_site_counts_where_it_is() {
    let fixture = Fixture::new(0);
    let mut unwinding = fixture.unwinding(Image::new().tables());
    let registers = Registers { pc: OUTER + 0x40, ..fixture.registers() };
    let landed = unwinding.search(registers, Origin::Fault).unwrap();
    assert_eq!((landed.pc, landed.sp), (OUTER + 0x90, registers.sp));
}

#[test]
fn a_wild_jump_goes_on_with_its_caller() {
    let fixture = Fixture::new(0);
    let mut unwinding = fixture.unwinding(Image::new().tables());
    let mut registers = Registers { pc: 0xdead_beec, ..fixture.registers() };
    registers.x[30] = OUTER + 0x24;
    let landed = unwinding.search(registers, Origin::WildJump).unwrap();
    assert_eq!(landed.pc, OUTER + 0x80);
    assert_eq!((unwinding.origin, unwinding.frames), (0xdead_beec, 2));
}

#[test]
fn damaged_stacks_are_errors() {
    let fixture = Fixture::new(OUTER + 0x61);
    let stuck = |registers| {
        let mut unwinding = fixture.unwinding(Image::new().tables());
        unwinding.search(registers, Origin::Fault).err()
    };
    // OUTER has nothing to do at 0x60, and was called by nobody.
    assert_eq!(stuck(fixture.registers()), Some(Error::EndOfStack));
    for sp in [0, fixture.base() - 64, fixture.base() + 512, u64::MAX, fixture.base() + 65] {
        let registers = Registers { sp, ..fixture.registers() };
        assert!(matches!(stuck(registers), Some(Error::OutsideStack(_))), "{sp:#x}");
    }
    let registers = Registers { sp: 0, pc: OUTER + 0x24, ..Registers::ZERO };
    assert_eq!(stuck(registers), Some(Error::OutsideStack(0)), "no landing without a stack");
}

#[test]
fn frames_only_go_upwards() {
    let fixture = Fixture::new(0);
    let tables = Image::new().tables();
    let mut row = Row::at(INNER + 0x10, &tables.find(INNER + 0x10).unwrap()).unwrap();
    row.cfa_offset = -16;
    let registers = fixture.registers();
    let stack = unsafe { Stack::new(fixture.base(), fixture.base() + 512) };
    let error = caller(&registers, &row, &stack).err();
    assert_eq!(error, Some(Error::OutsideStack(registers.sp - 16)));
}

/// Whatever one byte becomes, and wherever a table is cut off, there is an answer: no panic, no
/// arithmetic overflow (tests check for both), no endless loop.
#[test]
fn damaged_tables_are_answered() {
    let fixture = Fixture::new(OUTER + 0x40);
    let try_all = |image: &Image| {
        let mut unwinding = fixture.unwinding(image.tables());
        let landed = unwinding.search(fixture.registers(), Origin::Fault);
        assert!(unwinding.pads as usize <= RECORDED_PADS);
        landed.is_ok()
    };
    let part = |image: &mut Image, index| -> *mut Vec<u8> {
        [&raw mut image.header, &raw mut image.frames, &raw mut image.exceptions][index]
    };
    let (mut answers, mut landed) = (0, 0);
    for index in 0..3 {
        let mut count = |image: Image| {
            answers += 1;
            landed += u32::from(try_all(&image));
        };
        // SAFETY: each pointer is to a field of the image next to it.
        let byte_count = unsafe { (*part(&mut Image::new(), index)).len() };
        for position in 0..byte_count {
            let mut image = Image::new();
            unsafe { (*part(&mut image, index)).truncate(position) };
            count(image);
            for value in 0..=255 {
                let mut image = Image::new();
                unsafe { (&mut *part(&mut image, index))[position] = value };
                count(image);
            }
        }
    }
    assert!(landed > 0 && landed < answers);
}
