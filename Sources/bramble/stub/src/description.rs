//! The target description: which registers there are (GDB manual, "Target Descriptions").

/// Registers of the feature `org.gnu.gdb.aarch64.core`: x0..x30, sp, pc, cpsr.
pub const CORE_REGISTERS: usize = 34;
/// The number of all registers.
pub const REGISTERS: usize = CORE_REGISTERS + SYSTEM_REGISTERS.len();

/// Number of the one register of 32 bits.
const CPSR: usize = 33;

/// Bytes of a register.
pub fn size(number: usize) -> usize {
    if number == CPSR { 4 } else { 8 }
}

macro_rules! description {
    (core: $($core:literal)*; system: $($system:literal)*) => {
        /// Registers of the system that can be read, in the order of their numbers, which follow
        /// those of the core.
        pub const SYSTEM_REGISTERS: &[&str] = &[$($system),*];

        pub const XML: &str = concat!(
            "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target>",
            "<architecture>aarch64</architecture><feature name=\"org.gnu.gdb.aarch64.core\">",
            $("<reg name=\"", $core, "\" bitsize=\"64\"/>",)*
            "<reg name=\"sp\" bitsize=\"64\" type=\"data_ptr\"/>",
            "<reg name=\"pc\" bitsize=\"64\" type=\"code_ptr\"/>",
            "<reg name=\"cpsr\" bitsize=\"32\"/></feature>",
            "<feature name=\"org.bramble.system\">",
            $("<reg name=\"", $system, "\" bitsize=\"64\" group=\"system\"/>",)*
            "</feature></target>"
        );
    };
}

description! {
    core: "x0" "x1" "x2" "x3" "x4" "x5" "x6" "x7" "x8" "x9" "x10" "x11" "x12" "x13" "x14" "x15"
        "x16" "x17" "x18" "x19" "x20" "x21" "x22" "x23" "x24" "x25" "x26" "x27" "x28" "x29" "x30";
    system: "SP_EL0" "SP_EL1" "ESR_EL1" "FAR_EL1" "TTBR0_EL1" "TTBR1_EL1" "TCR_EL1" "MAIR_EL1"
        "SCTLR_EL1" "VBAR_EL1" "TPIDR_EL1"
}
