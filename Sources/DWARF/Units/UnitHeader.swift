/// The header of a unit in `.debug_info` (DWARF 5 §7.5.1; DWARF 2-4 alike).
public struct UnitHeader: Sendable {
  /// Where the unit begins in `.debug_info`.
  public let offset: UInt64
  /// Where its first DIE begins.
  public let dieOffset: UInt64
  /// Where the next unit begins.
  public let end: UInt64
  public let version: UInt16
  /// 4, or 8 in the 64-bit format.
  public let offsetByteCount: Int
  public let addressByteCount: Int
  public let type: DWUnitType
  let abbreviationOffset: UInt64

  /// Reads a header whose initial length has been read already.
  init(
    reading reader: inout SectionReader, offset: UInt64, end: UInt64, offsetByteCount: Int
  ) throws(DWARFError) {
    self.offset = offset
    self.end = end
    self.offsetByteCount = offsetByteCount
    version = try reader.u16()
    guard (2...5).contains(version) else {
      throw DWARFError(.debugInfo, at: offset, .unsupportedVersion(version))
    }
    let addressByteCount: UInt8
    if version >= 5 {
      let type = try reader.u8()
      guard let unitType = DWUnitType(rawValue: type) else {
        throw DWARFError(.debugInfo, at: offset, .unknownUnitType(type))
      }
      self.type = unitType
      addressByteCount = try reader.u8()
      abbreviationOffset = try reader.unsigned(byteCount: offsetByteCount)
      switch unitType {
      case .skeleton, .splitCompile: try reader.skip(8)
      case .type, .splitType: try reader.skip(8 + UInt64(offsetByteCount))
      case .compile, .partial: break
      }
    } else {
      type = .compile
      abbreviationOffset = try reader.unsigned(byteCount: offsetByteCount)
      addressByteCount = try reader.u8()
    }
    guard addressByteCount == 4 || addressByteCount == 8 else {
      throw DWARFError(.debugInfo, at: offset, .badAddressSize(addressByteCount))
    }
    self.addressByteCount = Int(addressByteCount)
    dieOffset = reader.offset
  }
}
