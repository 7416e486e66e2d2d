// Written by scripts/generate-constants; do not edit.

/// Kinds of units (DWARF 5 §7.5.1, table 7.2).
public enum DWUnitType: UInt8, Sendable {
  case compile = 0x1  // DW_UT_compile
  case type = 0x2  // DW_UT_type
  case partial = 0x3  // DW_UT_partial
  case skeleton = 0x4  // DW_UT_skeleton
  case splitCompile = 0x5  // DW_UT_split_compile
  case splitType = 0x6  // DW_UT_split_type
}
