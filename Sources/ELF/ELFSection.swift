import Binary

/// An entry of the section header table (gABI, "Sections").
public struct ELFSection: Sendable {
  /// Its number in the table.
  public let index: Int
  /// `<bad name>` when the string table does not have it.
  public internal(set) var name: String
  let nameOffset: UInt32
  /// `sh_type`.
  public let type: UInt32
  /// `sh_flags`.
  public let flags: UInt64
  public let virtualAddress: UInt64
  public let offset: UInt64
  public let byteCount: UInt64
  public let link: UInt32
  public let info: UInt32
  public let alignment: UInt64
  public let entryByteCount: UInt64

  /// `SHT_NOBITS`: it has no bytes in the file.
  public var isNoBits: Bool { type == 8 }
  /// `SHT_NOTE`
  public var isNote: Bool { type == 7 }
  /// `SHF_WRITE`
  public var isWritable: Bool { flags & 0x1 != 0 }
  /// `SHF_ALLOC`: it is loaded.
  public var isAllocated: Bool { flags & 0x2 != 0 }
  /// `SHF_EXECINSTR`
  public var isExecutable: Bool { flags & 0x4 != 0 }
  /// `SHF_COMPRESSED`
  public var isCompressed: Bool { flags & 0x800 != 0 }

  static func byteCount(is64Bit: Bool) -> UInt64 { is64Bit ? 64 : 40 }

  init(reading reader: inout ByteReader, index: Int, is64Bit: Bool) throws(ByteReaderError) {
    let word = is64Bit ? 8 : 4
    self.index = index
    name = "<bad name>"
    nameOffset = try reader.u32()
    type = try reader.u32()
    flags = try reader.unsigned(byteCount: word)
    virtualAddress = try reader.unsigned(byteCount: word)
    offset = try reader.unsigned(byteCount: word)
    byteCount = try reader.unsigned(byteCount: word)
    link = try reader.u32()
    info = try reader.u32()
    alignment = try reader.unsigned(byteCount: word)
    entryByteCount = try reader.unsigned(byteCount: word)
  }
}
