//! Where the linker put things (`abi/image.ld`).

use bramble_unwind::{Section, Tables};
use core::ops::Range;
use core::slice::from_raw_parts;

unsafe extern "C" {
    static __state: u8;
    static __state_end: u8;
    static __machinery: u8;
    static __machinery_end: u8;
    static __eh_frame_hdr: u8;
    static __eh_frame_hdr_end: u8;
    static __eh_frame: u8;
    static __eh_frame_end: u8;
    static __gcc_except_table: u8;
    static __gcc_except_table_end: u8;
}

/// The unwind tables of this image.
pub(crate) fn unwind_tables() -> Tables<'static> {
    // SAFETY: both symbols of each pair bound one section of the image, which is never written.
    unsafe {
        Tables {
            eh_frame_hdr: section(&raw const __eh_frame_hdr, &raw const __eh_frame_hdr_end),
            eh_frame: section(&raw const __eh_frame, &raw const __eh_frame_end),
            gcc_except_table: section(
                &raw const __gcc_except_table,
                &raw const __gcc_except_table_end,
            ),
        }
    }
}

/// # Safety
/// `start..end` is readable and constant.
unsafe fn section(start: *const u8, end: *const u8) -> Section<'static> {
    // SAFETY: promised by the caller; the linker script keeps the symbols in order.
    let bytes = unsafe { from_raw_parts(start, end as usize - start as usize) };
    Section::new(bytes, start as u64)
}

/// The code between a panic and the panic handler: the core library and the handler itself.
pub(crate) fn machinery() -> Range<u64> {
    (&raw const __machinery) as u64..(&raw const __machinery_end) as u64
}

/// All variables of the image.
pub(crate) fn state() -> Range<u64> {
    (&raw const __state) as u64..(&raw const __state_end) as u64
}
