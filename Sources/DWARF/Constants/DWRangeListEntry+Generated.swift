// Written by scripts/generate-constants; do not edit.

/// Entries of range lists (DWARF 5 §7.25, table 7.30).
public enum DWRangeListEntry: UInt8, Sendable {
  case endOfList = 0x0  // DW_RLE_end_of_list
  case baseAddressx = 0x1  // DW_RLE_base_addressx
  case startxEndx = 0x2  // DW_RLE_startx_endx
  case startxLength = 0x3  // DW_RLE_startx_length
  case offsetPair = 0x4  // DW_RLE_offset_pair
  case baseAddress = 0x5  // DW_RLE_base_address
  case startEnd = 0x6  // DW_RLE_start_end
  case startLength = 0x7  // DW_RLE_start_length
}
