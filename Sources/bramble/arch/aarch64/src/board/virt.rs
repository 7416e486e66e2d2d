//! QEMU's `virt`: a GICv2, a PL011, PSCI, and a device tree at the start of RAM.

use super::{Machine, tree};
use crate::stack::MOST_CPUS;

pub const NAME: &str = "virt";

/// The start of RAM: a multiple of 1 GiB.
pub const RAM: usize = 0x4000_0000;
/// Blocks of 2 MiB that are mapped as RAM from there on.
pub const RAM_BLOCKS: usize = 512;

pub const GIC_DISTRIBUTOR: usize = 0x0800_0000;
pub const GIC_INTERFACE: usize = 0x0801_0000;
pub const PL011: usize = 0x0900_0000;

/// The interrupt line of the console's port.
pub const CONSOLE_LINE: u32 = 33;

/// Reads the device tree; a missing or broken one yields one CPU and 128 MiB.
pub fn machine() -> Machine {
    let mut machine = Machine { cpus: 0, memory_end: RAM + 0x800_0000, arguments: &[] };
    let _ = tree::read(&mut machine);
    machine.cpus = machine.cpus.clamp(1, MOST_CPUS);
    machine
}
