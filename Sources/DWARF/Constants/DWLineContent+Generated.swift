// Written by scripts/generate-constants; do not edit.

/// Contents of file tables (DWARF 5 §7.22, table 7.27).
public enum DWLineContent: UInt16, Sendable {
  case path = 0x1  // DW_LNCT_path
  case directoryIndex = 0x2  // DW_LNCT_directory_index
  case timestamp = 0x3  // DW_LNCT_timestamp
  case size = 0x4  // DW_LNCT_size
  case md5 = 0x5  // DW_LNCT_MD5
  case llvmSource = 0x2001  // DW_LNCT_LLVM_source
}
