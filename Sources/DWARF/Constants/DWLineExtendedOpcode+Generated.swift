// Written by scripts/generate-constants; do not edit.

/// Extended opcodes of line programs (DWARF 5 §7.22, table 7.26).
public enum DWLineExtendedOpcode: UInt8, Sendable {
  case endSequence = 0x1  // DW_LNE_end_sequence
  case setAddress = 0x2  // DW_LNE_set_address
  case defineFile = 0x3  // DW_LNE_define_file
  case setDiscriminator = 0x4  // DW_LNE_set_discriminator
}
