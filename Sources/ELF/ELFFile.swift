public import Binary

/// An ELF file: its header, segments and sections, read at once; contents when asked for.
///
/// A bad header is an error. A bad table is left out and told in `problems`: the rest stays usable.
public struct ELFFile: Sendable {
  /// The path as the user gave it; for messages.
  public let path: String
  public let bytes: Bytes
  public let header: ELFHeader
  public let segments: [ELFSegment]
  public let sections: [ELFSection]
  /// What was found wrong with the tables.
  public let problems: [ELFError]
  let sectionAddresses: [UInt64]

  public init(_ bytes: Bytes, path: String) throws(ELFError) {
    self.bytes = bytes
    self.path = path
    header = try ELFHeader(reading: bytes)
    var tables = ELFTables(bytes: bytes, header: header)
    sections = tables.sections()
    segments = tables.segments(firstSection: sections.first)
    problems = tables.problems
    sectionAddresses = Self.sectionAddresses(sections, header)
  }

  /// The first section of this name.
  public func section(named name: String) -> ELFSection? {
    sections.first { $0.name == name }
  }

  /// The bytes of a section, expanded if they are compressed; empty for one that has none in the
  /// file. Not kept: every call expands anew.
  public func contents(of section: ELFSection) throws(ELFError) -> Bytes {
    if section.isNoBits { return bytes[0..<0] }
    let contents = try storedContents(of: section)
    return try expanded(contents, of: section)
  }

  /// The bytes of a section as they stand in the file.
  func storedContents(of section: ELFSection) throws(ELFError) -> Bytes {
    guard let contents = bytes.slice(at: section.offset, count: section.byteCount) else {
      throw ELFError(at: section.offset, .sectionOutsideFile(section.name))
    }
    return contents
  }

  /// The bytes of the first section of this name, or nil: there is none. `.debug_info` is found as
  /// `.zdebug_info` too, as older tools name it when it is compressed. Relocations are applied.
  public func contents(ofSectionNamed name: String) throws(ELFError) -> Bytes? {
    if let section = section(named: name) { return try relocatedContents(of: section) }
    guard name.hasPrefix(".debug_"), let old = section(named: ".z" + name.dropFirst()) else {
      return nil
    }
    return try relocatedContents(of: old)
  }

  /// The bytes of a segment, as far as the file has them: fewer than `fileByteCount` when it is cut
  /// off.
  public func contents(of segment: ELFSegment) -> Bytes {
    let size = UInt64(bytes.count)
    guard segment.offset < size else { return bytes[0..<0] }
    let count = min(segment.fileByteCount, size - segment.offset)
    return bytes.slice(at: segment.offset, count: count) ?? bytes[0..<0]
  }

  // MARK: Notes

  /// The notes of a `PT_NOTE` segment, up to the first malformed one.
  public func notes(in segment: ELFSegment) -> ELFNotes {
    ELFNotes(
      reading: contents(of: segment), at: segment.offset, alignment: segment.alignment,
      endianness: header.endianness)
  }

  /// All notes of the file: of its segments, or of its sections when no segment has any.
  public func notes() -> [ELFNote] {
    let inSegments = segments.filter(\.isNote).flatMap { notes(in: $0).notes }
    return inSegments.isEmpty ? sections.filter(\.isNote).flatMap(notes(in:)) : inSegments
  }

  private func notes(in section: ELFSection) -> [ELFNote] {
    guard let contents = try? contents(of: section) else { return [] }
    return ELFNotes(
      reading: contents, at: section.offset, alignment: section.alignment,
      endianness: header.endianness
    ).notes
  }

  /// The contents of the note `NT_GNU_BUILD_ID`, or nil.
  public var buildID: [UInt8]? {
    notes().first { $0.name == "GNU" && $0.type == 3 }?.contents.array
  }
}
