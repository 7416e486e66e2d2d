// Written by scripts/generate-constants; do not edit.

/// Standard opcodes of line programs (DWARF 5 §7.22, table 7.25).
public enum DWLineOpcode: UInt8, Sendable {
  case extendedOp = 0x0  // DW_LNS_extended_op
  case copy = 0x1  // DW_LNS_copy
  case advancePc = 0x2  // DW_LNS_advance_pc
  case advanceLine = 0x3  // DW_LNS_advance_line
  case setFile = 0x4  // DW_LNS_set_file
  case setColumn = 0x5  // DW_LNS_set_column
  case negateStmt = 0x6  // DW_LNS_negate_stmt
  case setBasicBlock = 0x7  // DW_LNS_set_basic_block
  case constAddPc = 0x8  // DW_LNS_const_add_pc
  case fixedAdvancePc = 0x9  // DW_LNS_fixed_advance_pc
  case setPrologueEnd = 0xa  // DW_LNS_set_prologue_end
  case setEpilogueBegin = 0xb  // DW_LNS_set_epilogue_begin
  case setIsa = 0xc  // DW_LNS_set_isa
}
