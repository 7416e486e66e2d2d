public import Binary

/// The header of an ELF file (gABI, "ELF Header").
public struct ELFHeader: Sendable {
  /// `e_type`: what the file is for.
  public enum FileType: UInt16, Sendable {
    case relocatable = 1
    case executable = 2
    case shared = 3
    case core = 4
  }

  public let is64Bit: Bool
  public let endianness: Endianness
  public let osABI: UInt8
  /// `e_type` as it stands in the file.
  public let rawType: UInt16
  public let machine: UInt16
  public let entry: UInt64
  public let flags: UInt32
  let segmentTable: TableLocation
  let sectionTable: TableLocation
  let sectionNameIndex: UInt64

  /// nil: none of the types that the gABI names.
  public var type: FileType? { FileType(rawValue: rawType) }
  /// Bytes in an address or offset: 4 or 8.
  public var wordByteCount: Int { is64Bit ? 8 : 4 }

  /// Where a table is, as the header says; nothing of it is checked yet.
  struct TableLocation: Sendable {
    let offset: UInt64
    var entryByteCount: UInt64
    var count: UInt64
  }

  init(reading bytes: Bytes) throws(ELFError) {
    guard bytes.count >= 4, bytes[0] == 0x7f, bytes[1] == 0x45, bytes[2] == 0x4c, bytes[3] == 0x46
    else { throw ELFError(at: 0, .notELF) }
    guard bytes.count >= 16 else { throw ELFError(at: 0, .truncatedHeader) }
    switch bytes[4] {
    case 1: is64Bit = false
    case 2: is64Bit = true
    default: throw ELFError(at: 4, .unknownClass(bytes[4]))
    }
    switch bytes[5] {
    case 1: endianness = .little
    case 2: endianness = .big
    default: throw ELFError(at: 5, .unknownEncoding(bytes[5]))
    }
    guard bytes[6] == 1 else { throw ELFError(at: 6, .unknownVersion(bytes[6])) }
    osABI = bytes[7]
    var reader = ByteReader(bytes, endianness: endianness)
    do {
      try reader.seek(to: 16)
      let word = is64Bit ? 8 : 4
      rawType = try reader.u16()
      machine = try reader.u16()
      try reader.skip(4)  // e_version
      entry = try reader.unsigned(byteCount: word)
      let segmentOffset = try reader.unsigned(byteCount: word)
      let sectionOffset = try reader.unsigned(byteCount: word)
      flags = try reader.u32()
      try reader.skip(2)  // e_ehsize
      segmentTable = TableLocation(
        offset: segmentOffset, entryByteCount: UInt64(try reader.u16()),
        count: UInt64(try reader.u16()))
      sectionTable = TableLocation(
        offset: sectionOffset, entryByteCount: UInt64(try reader.u16()),
        count: UInt64(try reader.u16()))
      sectionNameIndex = UInt64(try reader.u16())
    } catch {
      throw ELFError(at: 0, .truncatedHeader)
    }
  }
}
