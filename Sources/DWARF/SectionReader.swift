import Binary

/// A `ByteReader` over the beginning of a section that knows the section's name for its errors.
struct SectionReader: Sendable {
  let section: DWARFSection
  private var reader: ByteReader

  init(_ bytes: Bytes, section: DWARFSection, endianness: Endianness) {
    self.section = section
    reader = ByteReader(bytes, endianness: endianness)
  }

  /// Offset in the section.
  var offset: UInt64 { UInt64(reader.position) }
  var position: Int { reader.position }
  var remaining: Int { reader.remaining }
  var isAtEnd: Bool { reader.isAtEnd }
  /// The section up to this reader's end.
  var bytes: Bytes { reader.bytes }
  var endianness: Endianness { reader.endianness }

  /// This reader, ending before `end`, which must not be past its own end.
  func limited(to end: UInt64) throws(DWARFError) -> SectionReader {
    guard end >= offset, end <= UInt64(reader.bytes.count) else { throw error(.badLength(end)) }
    var limited = SectionReader(
      reader.bytes[0..<Int(end)], section: section, endianness: reader.endianness)
    try limited.seek(to: offset)
    return limited
  }

  func error(_ kind: DWARFError.Kind) -> DWARFError { DWARFError(section, at: offset, kind) }

  private func error(_ error: ByteReaderError) -> DWARFError {
    DWARFError(section, at: UInt64(error.offset), .unreadable(error.kind))
  }

  mutating func seek(to offset: UInt64) throws(DWARFError) {
    do { try reader.seek(to: offset) } catch { throw self.error(error) }
  }

  mutating func skip(_ count: UInt64) throws(DWARFError) {
    do { try reader.skip(count) } catch { throw self.error(error) }
  }

  mutating func u8() throws(DWARFError) -> UInt8 {
    do { return try reader.u8() } catch { throw self.error(error) }
  }

  mutating func i8() throws(DWARFError) -> Int8 { Int8(bitPattern: try u8()) }

  mutating func u16() throws(DWARFError) -> UInt16 {
    do { return try reader.u16() } catch { throw self.error(error) }
  }

  mutating func u32() throws(DWARFError) -> UInt32 {
    do { return try reader.u32() } catch { throw self.error(error) }
  }

  mutating func u64() throws(DWARFError) -> UInt64 {
    do { return try reader.u64() } catch { throw self.error(error) }
  }

  /// A number of 1, 2, 3, 4 or 8 bytes.
  mutating func unsigned(byteCount: Int) throws(DWARFError) -> UInt64 {
    if byteCount == 3 { return try u24() }
    do { return try reader.unsigned(byteCount: byteCount) } catch { throw self.error(error) }
  }

  private mutating func u24() throws(DWARFError) -> UInt64 {
    let (a, b, c) = (UInt64(try u8()), UInt64(try u8()), UInt64(try u8()))
    return reader.endianness == .little ? a | b << 8 | c << 16 : c | b << 8 | a << 16
  }

  mutating func uleb128() throws(DWARFError) -> UInt64 {
    do { return try reader.uleb128() } catch { throw self.error(error) }
  }

  mutating func sleb128() throws(DWARFError) -> Int64 {
    do { return try reader.sleb128() } catch { throw self.error(error) }
  }

  mutating func bytes(_ count: UInt64) throws(DWARFError) -> Bytes {
    do { return try reader.bytes(count) } catch { throw self.error(error) }
  }

  mutating func cString() throws(DWARFError) -> Bytes {
    do { return try reader.cString() } catch { throw self.error(error) }
  }

  /// A unit's or table's initial length (DWARF 5 §7.2.2): where it ends, and the size of its
  /// offsets.
  mutating func initialLength() throws(DWARFError) -> (end: UInt64, offsetByteCount: Int) {
    let start = offset
    var length = UInt64(try u32())
    var offsetByteCount = 4
    if length == 0xffff_ffff {
      length = try u64()
      offsetByteCount = 8
    } else if length >= 0xffff_fff0 {
      throw DWARFError(section, at: start, .badLength(length))
    }
    guard length <= UInt64(remaining) else {
      throw DWARFError(section, at: start, .badLength(length))
    }
    return (offset + length, offsetByteCount)
  }
}
