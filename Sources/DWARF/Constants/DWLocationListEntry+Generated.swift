// Written by scripts/generate-constants; do not edit.

/// Entries of location lists (DWARF 5 §7.7.3, table 7.10).
public enum DWLocationListEntry: UInt8, Sendable {
  case endOfList = 0x0  // DW_LLE_end_of_list
  case baseAddressx = 0x1  // DW_LLE_base_addressx
  case startxEndx = 0x2  // DW_LLE_startx_endx
  case startxLength = 0x3  // DW_LLE_startx_length
  case offsetPair = 0x4  // DW_LLE_offset_pair
  case defaultLocation = 0x5  // DW_LLE_default_location
  case baseAddress = 0x6  // DW_LLE_base_address
  case startEnd = 0x7  // DW_LLE_start_end
  case startLength = 0x8  // DW_LLE_start_length
}
