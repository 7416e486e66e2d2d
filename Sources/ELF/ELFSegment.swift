import Binary

/// An entry of the program header table (gABI, "Program Header").
public struct ELFSegment: Sendable {
  /// `p_type`.
  public let type: UInt32
  /// `p_flags`.
  public let flags: UInt32
  public let offset: UInt64
  public let virtualAddress: UInt64
  public let physicalAddress: UInt64
  /// `p_filesz`: bytes from the file; the rest of `memoryByteCount` is zero.
  public let fileByteCount: UInt64
  public let memoryByteCount: UInt64
  public let alignment: UInt64

  /// `PT_LOAD`
  public var isLoad: Bool { type == 1 }
  /// `PT_NOTE`
  public var isNote: Bool { type == 4 }
  /// `PF_X`
  public var isExecutable: Bool { flags & 1 != 0 }
  /// `PF_W`
  public var isWritable: Bool { flags & 2 != 0 }

  static func byteCount(is64Bit: Bool) -> UInt64 { is64Bit ? 56 : 32 }

  init(reading reader: inout ByteReader, is64Bit: Bool) throws(ByteReaderError) {
    let word = is64Bit ? 8 : 4
    type = try reader.u32()
    let flags64 = is64Bit ? try reader.u32() : 0
    offset = try reader.unsigned(byteCount: word)
    virtualAddress = try reader.unsigned(byteCount: word)
    physicalAddress = try reader.unsigned(byteCount: word)
    fileByteCount = try reader.unsigned(byteCount: word)
    memoryByteCount = try reader.unsigned(byteCount: word)
    flags = is64Bit ? flags64 : try reader.u32()
    alignment = try reader.unsigned(byteCount: word)
  }
}
