public import Binary

/// An entry of a symbol table (gABI, "Symbol Table").
public struct ELFSymbol: Sendable {
  /// `st_info & 0xf`.
  public enum Kind: UInt8, Sendable {
    case none = 0
    case object = 1
    case function = 2
    case section = 3
    case file = 4
    case common = 5
    case threadLocal = 6
  }

  /// The name as in the file, or empty when the string table does not have it.
  public let name: Bytes
  public internal(set) var value: UInt64
  public let byteCount: UInt64
  /// `st_info`.
  public let info: UInt8
  /// `st_shndx`; 0: undefined, 0xfff1: absolute.
  public let sectionIndex: UInt16

  /// nil: a type that the gABI does not name.
  public var kind: Kind? { Kind(rawValue: info & 0xf) }
  public var isGlobal: Bool { info >> 4 == 1 }
  public var isWeak: Bool { info >> 4 == 2 }
  public var isDefined: Bool { sectionIndex != 0 }

  static func byteCount(is64Bit: Bool) -> UInt64 { is64Bit ? 24 : 16 }

  init(
    reading reader: inout ByteReader, is64Bit: Bool, names: Bytes
  ) throws(ByteReaderError) {
    let nameOffset = try reader.u32()
    if is64Bit {
      info = try reader.u8()
      try reader.skip(1)
      sectionIndex = try reader.u16()
      value = try reader.u64()
      byteCount = try reader.u64()
    } else {
      value = UInt64(try reader.u32())
      byteCount = UInt64(try reader.u32())
      info = try reader.u8()
      try reader.skip(1)
      sectionIndex = try reader.u16()
    }
    name = names.string(at: UInt64(nameOffset)) ?? names[0..<0]
  }
}

extension Bytes {
  /// The NUL-terminated bytes at `offset`, without the NUL; nil: outside, or no NUL.
  func string(at offset: UInt64) -> Bytes? {
    var reader = ByteReader(self)
    guard (try? reader.seek(to: offset)) != nil else { return nil }
    return try? reader.cString()
  }
}
