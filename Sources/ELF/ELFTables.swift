import Binary

/// Reads the tables of segments and sections, and gathers what is wrong with them.
struct ELFTables {
  let bytes: Bytes
  let header: ELFHeader
  private(set) var problems: [ELFError] = []

  init(bytes: Bytes, header: ELFHeader) {
    self.bytes = bytes
    self.header = header
  }

  mutating func segments(firstSection: ELFSection?) -> [ELFSegment] {
    var location = header.segmentTable
    // PN_XNUM: the real count is in section 0 (gABI, "e_phnum").
    if location.count == 0xffff, let firstSection { location.count = UInt64(firstSection.info) }
    let size = ELFSegment.byteCount(is64Bit: header.is64Bit)
    guard let table = contents(of: location, .segments, entryByteCount: size) else { return [] }
    var reader = ByteReader(table, endianness: header.endianness)
    var segments: [ELFSegment] = []
    while let segment = try? ELFSegment(reading: &reader, is64Bit: header.is64Bit) {
      segments.append(segment)
    }
    return segments
  }

  mutating func sections() -> [ELFSection] {
    var location = header.sectionTable
    guard location.offset != 0 else { return [] }
    let first = firstSection()
    // More sections than e_shnum holds: the real count is in section 0 (gABI, "e_shnum").
    if location.count == 0 { location.count = first?.byteCount ?? 0 }
    let size = ELFSection.byteCount(is64Bit: header.is64Bit)
    guard let table = contents(of: location, .sections, entryByteCount: size) else { return [] }
    var reader = ByteReader(table, endianness: header.endianness)
    var sections: [ELFSection] = []
    while let section = try? ELFSection(
      reading: &reader, index: sections.count, is64Bit: header.is64Bit)
    {
      sections.append(section)
    }
    name(&sections)
    return sections
  }

  private func firstSection() -> ELFSection? {
    let size = ELFSection.byteCount(is64Bit: header.is64Bit)
    guard let entry = bytes.slice(at: header.sectionTable.offset, count: size) else { return nil }
    var reader = ByteReader(entry, endianness: header.endianness)
    return try? ELFSection(reading: &reader, index: 0, is64Bit: header.is64Bit)
  }

  private mutating func name(_ sections: inout [ELFSection]) {
    var index = header.sectionNameIndex
    if index == 0xffff, let first = sections.first { index = UInt64(first.link) }
    guard index != 0 else { return }
    guard let position = Int(exactly: index), sections.indices.contains(position),
      let names = bytes.slice(at: sections[position].offset, count: sections[position].byteCount)
    else {
      problems.append(ELFError(at: header.sectionTable.offset, .badStringTable(index: index)))
      return
    }
    for position in sections.indices {
      if let name = names.string(at: UInt64(sections[position].nameOffset)), name.count <= 4096 {
        sections[position].name = String(name)
      }
    }
  }

  /// The bytes of a table, or nil after noting a problem; an empty table is none.
  private mutating func contents(
    of location: ELFHeader.TableLocation, _ table: ELFTable, entryByteCount: UInt64
  ) -> Bytes? {
    guard location.count > 0 else { return nil }
    guard location.entryByteCount == entryByteCount else {
      problems.append(
        ELFError(
          at: location.offset,
          .badEntrySize(table, found: location.entryByteCount, expected: entryByteCount)))
      return nil
    }
    let (byteCount, overflow) = location.count.multipliedReportingOverflow(by: entryByteCount)
    guard !overflow, let contents = bytes.slice(at: location.offset, count: byteCount) else {
      problems.append(
        ELFError(
          at: location.offset, .tableOutsideFile(table, byteCount: overflow ? .max : byteCount)))
      return nil
    }
    return contents
  }
}
