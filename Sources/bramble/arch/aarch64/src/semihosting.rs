//! Requests to the emulator, for which QEMU needs `-semihosting` (ARM DUI 0471, "Semihosting").
//! Without it the instruction is undefined, and the kernel panics.

use core::arch::asm;

#[cfg(board = "raspi3b")]
pub use arguments::command_line;

const EXIT: usize = 0x18;
/// "The application has ended", with a status.
const APPLICATION_EXIT: usize = 0x2_0026;

/// Ends QEMU with this exit status.
pub fn exit(status: usize) {
    let block = [APPLICATION_EXIT, status];
    request(EXIT, &raw const block as usize);
}

fn request(operation: usize, block: usize) -> usize {
    let result;
    // SAFETY: `block` holds what the operation asks for and stays alive; x0 takes the result.
    unsafe {
        asm!("hlt #0xf000", inlateout("x0") operation => result, in("x1") block, options(nostack))
    }
    result
}

#[cfg(board = "raspi3b")]
mod arguments {
    use core::cell::UnsafeCell;

    const GET_COMMAND_LINE: usize = 0x15;

    struct Buffer(UnsafeCell<[u8; 512]>);
    // SAFETY: written by `command_line` only, before any other CPU runs.
    unsafe impl Sync for Buffer {}
    static BUFFER: Buffer = Buffer(UnsafeCell::new([0; 512]));

    /// What follows `-kernel` and `-append` in the words that started QEMU; empty if it is too long.
    /// Only the boot asks, once.
    pub fn command_line() -> &'static [u8] {
        let mut block = [BUFFER.0.get().addr(), size_of::<Buffer>()];
        let status = super::request(GET_COMMAND_LINE, &raw mut block as usize);
        // SAFETY: nobody writes any more, and the second word is now how much the emulator wrote.
        let bytes = unsafe { &*BUFFER.0.get() };
        if status == 0 { bytes.get(..block[1]).unwrap_or(&[]) } else { &[] }
    }
}
