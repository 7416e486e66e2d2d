public import Binary

/// Assembles `.debug_info` and `.debug_abbrev`: one unit of any version, format and byte order.
///
/// Constants are numbers, so that tests can write what no enumeration has.
public struct DWARFBuilder {
  public let version: UInt16
  public let endianness: Endianness
  public let is64Bit: Bool
  public let addressByteCount: Int
  public let abbreviations: SectionBuilder
  /// The DIEs of the unit, behind its header.
  public let dies: SectionBuilder

  public init(
    version: UInt16 = 5, endianness: Endianness = .little, is64Bit: Bool = false,
    addressByteCount: Int = 8
  ) {
    self.version = version
    self.endianness = endianness
    self.is64Bit = is64Bit
    self.addressByteCount = addressByteCount
    abbreviations = SectionBuilder(endianness)
    dies = SectionBuilder(endianness)
  }

  /// Declares the shape of DIEs with this code.
  public func abbreviation(
    _ code: UInt64, tag: UInt16, hasChildren: Bool = false, _ attributes: [(UInt16, UInt16)] = []
  ) {
    abbreviations.uleb128(code).uleb128(UInt64(tag)).u8(hasChildren ? 1 : 0)
    for (name, form) in attributes {
      abbreviations.uleb128(UInt64(name)).uleb128(UInt64(form))
    }
    abbreviations.u8(0).u8(0)
  }

  private var offsetByteCount: Int { is64Bit ? 8 : 4 }

  /// Where the first DIE begins in the unit.
  public var headerByteCount: Int {
    (is64Bit ? 12 : 4) + 2 + offsetByteCount + 1 + (version >= 5 ? 1 : 0)
  }

  /// The bytes of `.debug_info`; `length` stands in for the right one.
  public func info(length: UInt64? = nil, unitType: UInt8 = 1) -> [UInt8] {
    let section = SectionBuilder(endianness)
    let right = UInt64(headerByteCount - (is64Bit ? 12 : 4) + dies.count)
    if is64Bit { section.u32(0xffff_ffff) }
    section.unsigned(length ?? right, byteCount: offsetByteCount)
    section.u16(version)
    if version >= 5 { section.u8(unitType).u8(UInt8(addressByteCount)) }
    section.unsigned(0, byteCount: offsetByteCount)
    if version < 5 { section.u8(UInt8(addressByteCount)) }
    return section.append(dies.array).array
  }

  /// The bytes of `.debug_abbrev`.
  public func abbrev() -> [UInt8] { abbreviations.array + [0] }
}
