//! QEMU's `raspi3b`: the BCM2837's interrupt controllers, a PL011 and a mini-UART. There is neither
//! PSCI nor, without a firmware, a device tree: the emulator is asked for the command line and for
//! the end.

use super::Machine;
use crate::semihosting;

pub const NAME: &str = "raspi3b";

/// The start of RAM: a multiple of 1 GiB.
pub const RAM: usize = 0;
/// Blocks of 2 MiB that are mapped as RAM from there on; devices in the rest of this GiB.
pub const RAM_BLOCKS: usize = 504;
/// The last 64 MiB belong to the graphics processor.
const MEMORY_END: usize = 0x3b00_0000;

pub const INTERRUPTS: usize = 0x3f00_b200;
pub const PL011: usize = 0x3f20_1000;
pub const AUXILIARY: usize = 0x3f21_5000;
pub const LOCAL: usize = 0x4000_0000;

/// The interrupt line of the console's port.
pub const CONSOLE_LINE: u32 = 57;
/// The interrupt line of the mini-UART.
pub const MINI_UART_LINE: u32 = 29;

/// Four CPUs and 1 GiB, as soldered; the command line without its first word, the kernel's name.
pub fn machine() -> Machine {
    let line = semihosting::command_line();
    let name = line.iter().position(|&byte| byte == b' ').unwrap_or(line.len());
    Machine { cpus: 4, memory_end: MEMORY_END, arguments: &line[name..] }
}
