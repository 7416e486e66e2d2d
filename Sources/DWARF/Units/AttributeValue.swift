public import Binary

/// The value of an attribute by its class (DWARF 5 §7.5.5), nothing looked up yet.
public enum AttributeValue: Sendable {
  case address(UInt64)
  /// Into `.debug_addr`, from the unit's base.
  case addressIndex(UInt64)
  case unsigned(UInt64)
  case signed(Int64)
  /// 16 bytes; the lower and the higher half.
  case wide(UInt64, UInt64)
  case flag(Bool)
  /// A block or an expression.
  case block(Bytes)
  case string(StringReference)
  /// Into `.debug_str_offsets`, from the unit's base.
  case stringIndex(UInt64)
  /// Offset in `.debug_info`.
  case reference(UInt64)
  /// A reference to a type unit or another file, which is not followed.
  case foreignReference(UInt64)
  case sectionOffset(UInt64)
  /// Into the unit's table of location or range lists.
  case listIndex(UInt64)

  /// A number, from either kind of constant.
  public var number: UInt64? {
    switch self {
    case .unsigned(let value), .sectionOffset(let value), .wide(let value, _): value
    case .signed(let value): UInt64(bitPattern: value)
    case .flag(let value): value ? 1 : 0
    default: nil
    }
  }
}

extension DWForm {
  /// The size of a value of this form when it depends on the unit alone, else nil.
  func fixedByteCount(addressByteCount: Int, offsetByteCount: Int, version: UInt16) -> Int? {
    switch self {
    case .implicitConst, .flagPresent: 0
    case .data1, .ref1, .flag, .strx1, .addrx1: 1
    case .data2, .ref2, .strx2, .addrx2: 2
    case .strx3, .addrx3: 3
    case .data4, .ref4, .strx4, .addrx4, .refSup4: 4
    case .data8, .ref8, .refSig8, .refSup8: 8
    case .data16: 16
    case .addr: addressByteCount
    case .refAddr: version <= 2 ? addressByteCount : offsetByteCount
    case .strp, .lineStrp, .secOffset, .strpSup, .gnuRefAlt, .gnuStrpAlt: offsetByteCount
    case .block, .block1, .block2, .block4, .exprloc, .string, .sdata, .udata, .refUdata, .strx,
      .addrx, .loclistx, .rnglistx, .gnuAddrIndex, .gnuStrIndex, .indirect:
      nil
    }
  }
}

extension SectionReader {
  /// Reads a value of `form`; `unit` gives sizes and the base of references.
  mutating func value(
    _ form: DWForm, constant: Int64 = 0, in unit: UnitHeader
  ) throws(DWARFError) -> AttributeValue {
    switch form {
    case .implicitConst: return .signed(constant)
    case .flagPresent: return .flag(true)
    case .flag: return .flag(try u8() != 0)
    case .addr: return .address(try unsigned(byteCount: unit.addressByteCount))
    case .addrx, .gnuAddrIndex: return .addressIndex(try uleb128())
    case .addrx1: return .addressIndex(UInt64(try u8()))
    case .addrx2: return .addressIndex(UInt64(try u16()))
    case .addrx3: return .addressIndex(try unsigned(byteCount: 3))
    case .addrx4: return .addressIndex(UInt64(try u32()))
    case .data1: return .unsigned(UInt64(try u8()))
    case .data2: return .unsigned(UInt64(try u16()))
    case .data4: return .unsigned(UInt64(try u32()))
    case .data8: return .unsigned(try u64())
    case .data16:
      let (first, second) = (try u64(), try u64())
      return endianness == .little ? .wide(first, second) : .wide(second, first)
    case .udata: return .unsigned(try uleb128())
    case .sdata: return .signed(try sleb128())
    case .block, .exprloc: return .block(try bytes(try uleb128()))
    case .block1: return .block(try bytes(UInt64(try u8())))
    case .block2: return .block(try bytes(UInt64(try u16())))
    case .block4: return .block(try bytes(UInt64(try u32())))
    case .string:
      let start = offset
      try skipCString()
      return .string(StringReference(section, start))
    case .strp:
      return .string(StringReference(.debugStr, try unsigned(byteCount: unit.offsetByteCount)))
    case .lineStrp:
      return .string(StringReference(.debugLineStr, try unsigned(byteCount: unit.offsetByteCount)))
    case .strx, .gnuStrIndex: return .stringIndex(try uleb128())
    case .strx1: return .stringIndex(UInt64(try u8()))
    case .strx2: return .stringIndex(UInt64(try u16()))
    case .strx3: return .stringIndex(try unsigned(byteCount: 3))
    case .strx4: return .stringIndex(UInt64(try u32()))
    case .ref1: return .reference(unit.offset &+ UInt64(try u8()))
    case .ref2: return .reference(unit.offset &+ UInt64(try u16()))
    case .ref4: return .reference(unit.offset &+ UInt64(try u32()))
    case .ref8: return .reference(unit.offset &+ (try u64()))
    case .refUdata: return .reference(unit.offset &+ (try uleb128()))
    case .refAddr:
      let size = unit.version <= 2 ? unit.addressByteCount : unit.offsetByteCount
      return .reference(try unsigned(byteCount: size))
    case .refSig8, .refSup8: return .foreignReference(try u64())
    case .refSup4: return .foreignReference(UInt64(try u32()))
    case .gnuRefAlt: return .foreignReference(try unsigned(byteCount: unit.offsetByteCount))
    case .strpSup, .gnuStrpAlt:
      return .foreignReference(try unsigned(byteCount: unit.offsetByteCount))
    case .secOffset: return .sectionOffset(try unsigned(byteCount: unit.offsetByteCount))
    case .loclistx, .rnglistx: return .listIndex(try uleb128())
    case .indirect: return try indirectValue(in: unit)
    }
  }

  private mutating func indirectValue(in unit: UnitHeader) throws(DWARFError) -> AttributeValue {
    let start = offset
    let raw = try uleb128()
    guard let form = UInt16(exactly: raw).flatMap(DWForm.init(rawValue:)) else {
      throw DWARFError(section, at: start, .unknownForm(raw))
    }
    guard form != .indirect, form != .implicitConst else {
      throw DWARFError(section, at: start, .nestedIndirectForm)
    }
    return try value(form, in: unit)
  }

  /// Jumps over a value of a form whose size is not fixed.
  mutating func skip(_ form: DWForm, in unit: UnitHeader) throws(DWARFError) {
    switch form {
    case .sdata, .udata, .refUdata, .strx, .addrx, .loclistx, .rnglistx, .gnuAddrIndex,
      .gnuStrIndex:
      _ = try uleb128Skipped()
    case .block, .exprloc: try skip(try uleb128())
    case .block1: try skip(UInt64(try u8()))
    case .string: try skipCString()
    default: _ = try value(form, in: unit)
    }
  }

  private mutating func skipCString() throws(DWARFError) {
    while try u8() != 0 {}
  }

  /// Jumps over a LEB128 number of any length.
  private mutating func uleb128Skipped() throws(DWARFError) {
    while try u8() & 0x80 != 0 {}
  }
}
