/// How a pointer in `.eh_frame` or an exception table is written (LSB Core, "DWARF Exception Header
/// Encoding").
struct PointerEncoding: Sendable {
  let rawValue: UInt8

  /// A plain address.
  static let absolute = PointerEncoding(rawValue: 0)
  /// No pointer at all.
  var isOmitted: Bool { rawValue == 0xff }
  /// The number is where the pointer is stored, not the pointer.
  var isIndirect: Bool { rawValue & 0x80 != 0 }

  /// What relative pointers count from.
  struct Bases: Sendable {
    /// Address of the section's first byte.
    var section: UInt64
    var text: UInt64 = 0
    var data: UInt64 = 0
    var function: UInt64 = 0
    var addressByteCount = 8
  }
}

extension SectionReader {
  /// The number of an encoded pointer, nothing added.
  mutating func rawPointer(
    _ encoding: PointerEncoding, addressByteCount: Int
  ) throws(DWARFError) -> UInt64 {
    switch encoding.rawValue & 0x0f {
    case 0x00: return try unsigned(byteCount: addressByteCount)  // DW_EH_PE_absptr
    case 0x01: return try uleb128()  // DW_EH_PE_uleb128
    case 0x02: return UInt64(try u16())  // DW_EH_PE_udata2
    case 0x03: return UInt64(try u32())  // DW_EH_PE_udata4
    case 0x04, 0x0c: return try u64()  // DW_EH_PE_udata8, DW_EH_PE_sdata8
    case 0x08:  // DW_EH_PE_signed
      return addressByteCount == 8
        ? try u64() : UInt64(bitPattern: Int64(Int32(bitPattern: try u32())))
    case 0x09: return UInt64(bitPattern: try sleb128())  // DW_EH_PE_sleb128
    case 0x0a: return UInt64(bitPattern: Int64(Int16(bitPattern: try u16())))  // DW_EH_PE_sdata2
    case 0x0b: return UInt64(bitPattern: Int64(Int32(bitPattern: try u32())))  // DW_EH_PE_sdata4
    default: throw error(.unknownPointerEncoding(encoding.rawValue))
    }
  }

  /// An encoded pointer; nil: it is omitted, null, or only memory of the running program has it.
  mutating func pointer(
    _ encoding: PointerEncoding, _ bases: PointerEncoding.Bases
  ) throws(DWARFError) -> UInt64? {
    if encoding.isOmitted { return nil }
    let place = bases.section &+ offset
    let start = offset
    let raw = try rawPointer(encoding, addressByteCount: bases.addressByteCount)
    let base: UInt64
    switch encoding.rawValue & 0x70 {
    case 0x00: base = 0
    case 0x10: base = place  // DW_EH_PE_pcrel
    case 0x20: base = bases.text  // DW_EH_PE_textrel
    case 0x30: base = bases.data  // DW_EH_PE_datarel
    case 0x40: base = bases.function  // DW_EH_PE_funcrel
    default: throw DWARFError(section, at: start, .unknownPointerEncoding(encoding.rawValue))
    }
    if raw == 0 && encoding.rawValue & 0x70 != 0x40 || encoding.isIndirect { return nil }
    let value = base &+ raw
    return bases.addressByteCount == 4 ? value & UInt64(UInt32.max) : value
  }
}
