// Written by scripts/generate-constants; do not edit.

/// Call frame instructions (DWARF 5 §7.24, table 7.29).
public enum DWCallFrame: UInt8, Sendable {
  case nop = 0x0  // DW_CFA_nop
  case setLoc = 0x1  // DW_CFA_set_loc
  case advanceLoc1 = 0x2  // DW_CFA_advance_loc1
  case advanceLoc2 = 0x3  // DW_CFA_advance_loc2
  case advanceLoc4 = 0x4  // DW_CFA_advance_loc4
  case offsetExtended = 0x5  // DW_CFA_offset_extended
  case restoreExtended = 0x6  // DW_CFA_restore_extended
  case undefined = 0x7  // DW_CFA_undefined
  case sameValue = 0x8  // DW_CFA_same_value
  case register = 0x9  // DW_CFA_register
  case rememberState = 0xa  // DW_CFA_remember_state
  case restoreState = 0xb  // DW_CFA_restore_state
  case defCfa = 0xc  // DW_CFA_def_cfa
  case defCfaRegister = 0xd  // DW_CFA_def_cfa_register
  case defCfaOffset = 0xe  // DW_CFA_def_cfa_offset
  case defCfaExpression = 0xf  // DW_CFA_def_cfa_expression
  case expression = 0x10  // DW_CFA_expression
  case offsetExtendedSf = 0x11  // DW_CFA_offset_extended_sf
  case defCfaSf = 0x12  // DW_CFA_def_cfa_sf
  case defCfaOffsetSf = 0x13  // DW_CFA_def_cfa_offset_sf
  case valOffset = 0x14  // DW_CFA_val_offset
  case valOffsetSf = 0x15  // DW_CFA_val_offset_sf
  case valExpression = 0x16  // DW_CFA_val_expression
  case aarch64NegateRaStateWithPc = 0x2c  // DW_CFA_AARCH64_negate_ra_state_with_pc
  case aarch64NegateRaState = 0x2d  // DW_CFA_AARCH64_negate_ra_state
  case gnuArgsSize = 0x2e  // DW_CFA_GNU_args_size
  case llvmDefAspaceCfa = 0x30  // DW_CFA_LLVM_def_aspace_cfa
  case llvmDefAspaceCfaSf = 0x31  // DW_CFA_LLVM_def_aspace_cfa_sf
  case advanceLoc = 0x40  // DW_CFA_advance_loc
  case offset = 0x80  // DW_CFA_offset
  case restore = 0xc0  // DW_CFA_restore
}
