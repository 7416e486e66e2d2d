//! System calls that no program should make, for programs that check what comes of it.

use crate::syscall::{error, invoke};
use bramble_abi::{Call, Error, slot};

/// Addresses that are never mapped at EL0: the null page, one that wraps, one of the kernel's, one
/// in the middle of nowhere that is not aligned either.
const BAD_ADDRESSES: [u64; 4] = [0, u64::MAX - 7, 0xffff_ff80_4020_0000, 0x3_dead_beef];

/// Makes the system call with a number that is none; what it ends with.
pub fn unknown_call(number: u64) -> Error {
    match Call::from_number(number) {
        Some(_) => Error::None,
        // SAFETY: the kernel knows no such call, so it does nothing.
        None => error(unsafe { status(number) }),
    }
}

/// # Safety
/// No call has this number.
unsafe fn status(number: u64) -> u64 {
    let status;
    // SAFETY: promised by the caller; the kernel changes x0..x7 only.
    unsafe {
        core::arch::asm!("svc #0", in("x8") number, inout("x0") 0u64 => status,
            out("x1") _, out("x2") _, out("x3") _, out("x4") _, out("x5") _, out("x6") _,
            out("x7") _, options(nostack));
    }
    status
}

/// A call with arguments that it has to refuse, and the error that it is to refuse them with.
pub struct Misuse {
    pub call: Call,
    pub arguments: [u64; 8],
    pub expected: Error,
}

fn refused<const N: usize>(call: Call, given: [u64; N], expected: Error) -> Misuse {
    let mut arguments = [0; 8];
    arguments[..N].copy_from_slice(&given);
    Misuse { call, arguments, expected }
}

/// Every call that takes an address or a size, with bad ones.
pub fn all() -> impl Iterator<Item = Misuse> {
    let addressed = BAD_ADDRESSES.into_iter().flat_map(|address| {
        [
            refused(Call::ConsoleWrite, [slot::CONSOLE, address, 16], Error::BadAddress),
            refused(Call::RecoveryReport, [address], Error::BadAddress),
            refused(Call::Inspect, [slot::KERNEL, 0, 0, address], Error::BadAddress),
        ]
    });
    let page = 0x1000;
    addressed.chain([
        refused(Call::ConsoleWrite, [slot::CONSOLE, 0, 257], Error::InvalidArgument),
        refused(Call::MemoryGrow, [0], Error::InvalidArgument),
        refused(Call::MemoryGrow, [page + 1], Error::InvalidArgument),
        refused(Call::MemoryGrow, [0u64.wrapping_sub(page)], Error::OutOfMemory),
        refused(Call::FrameCreate, [u64::MAX], Error::InvalidArgument),
        refused(Call::FrameMap, [slot::LOG, slot::SPACE, 2, 1], Error::InvalidArgument),
        refused(Call::SetHandler, [0, page + 8], Error::InvalidArgument),
        refused(Call::SetHandler, [0, page], Error::InvalidArgument),
        // A stack that wraps, one without bytes, one that is not aligned; too high a priority.
        refused(Call::ThreadCreate, [slot::THREAD, 0, page, 2 * page], Error::BadAddress),
        refused(Call::ThreadCreate, [slot::THREAD, 0, page], Error::InvalidArgument),
        refused(Call::ThreadCreate, [slot::THREAD, 0, 2 * page + 8, page], Error::InvalidArgument),
        refused(
            Call::ThreadCreate,
            [slot::THREAD, 0, page, page, 0, 0, 255],
            Error::InvalidArgument,
        ),
        refused(
            Call::ThreadCreate,
            [slot::THREAD, 0, page, page, 0, 0, 256],
            Error::InvalidArgument,
        ),
        // A capability for something else.
        refused(Call::ThreadStop, [slot::SPACE], Error::WrongObject),
        refused(Call::Call, [slot::THREAD], Error::MissingRights),
        refused(Call::Inspect, [slot::NAME], Error::MissingRights),
        refused(Call::Inspect, [slot::KERNEL, 99], Error::InvalidArgument),
        // Places that no table has, and a generation that this place has not had.
        refused(Call::Identify, [u64::MAX], Error::InvalidSlot),
        refused(Call::Delete, [slot::LOG | 1 << 32], Error::InvalidSlot),
        refused(Call::Revoke, [1 << 20], Error::InvalidSlot),
        // Granting what is not there, or may not be passed on.
        refused(Call::Call, [slot::NAME, 0, 0, 0, 0, (1 << 20) + 1], Error::InvalidSlot),
        refused(Call::Call, [slot::NAME, 0, 0, 0, 0, slot::LOG + 1], Error::MissingRights),
    ])
}

impl Misuse {
    /// What the call ends with.
    pub fn attempt(&self) -> Error {
        // SAFETY: none of the addresses is mapped at EL0, so the kernel can do nothing with them.
        let result = unsafe { invoke(self.call, self.arguments) };
        result.err().unwrap_or(Error::None)
    }
}
