public import Machine

extension Unit {
  /// The ranges of a `DW_AT_ranges` attribute, sorted; empty ones and tombstones are left out
  /// (DWARF 5 §2.17.3, §7.25; DWARF 4 §2.17.3).
  public func ranges(_ value: AttributeValue) throws(DWARFError) -> [Range<FileAddress>] {
    var ranges: [Range<FileAddress>] = []
    func append(_ start: UInt64, _ end: UInt64) {
      guard start < end, start < header.addressLimit &- 1 else { return }
      ranges.append(FileAddress(start)..<FileAddress(end))
    }
    if header.version >= 5 {
      try readRangeList(at: try rangeListOffset(value), append)
    } else {
      guard let offset = value.number else { return [] }
      try readOldRangeList(at: offset, append)
    }
    return ranges.sorted { $0.lowerBound < $1.lowerBound }
  }

  private func rangeListOffset(_ value: AttributeValue) throws(DWARFError) -> UInt64 {
    switch value {
    case .listIndex(let index):
      let relative = try sections.entry(
        .debugRnglists, at: index, base: rangeListsBase, byteCount: header.offsetByteCount)
      return rangeListsBase &+ relative
    default:
      guard let offset = value.number else {
        throw DWARFError(
          .debugInfo, at: header.offset, .unexpectedForm(UInt64(DWAttribute.ranges.rawValue)))
      }
      return offset
    }
  }

  private func readOldRangeList(
    at offset: UInt64, _ append: (UInt64, UInt64) -> Void
  ) throws(DWARFError) {
    var reader = try sections.reader(.debugRanges, at: offset)
    let size = header.addressByteCount
    var base = lowPC
    for _ in 0..<Limits.listEntries {
      let start = try reader.unsigned(byteCount: size)
      let end = try reader.unsigned(byteCount: size)
      if start == 0, end == 0 { return }
      if start == header.addressLimit { base = end } else { append(base &+ start, base &+ end) }
    }
    throw reader.error(.tooMany)
  }

  private func readRangeList(
    at offset: UInt64, _ append: (UInt64, UInt64) -> Void
  ) throws(DWARFError) {
    var reader = try sections.reader(.debugRnglists, at: offset)
    let size = header.addressByteCount
    var base = lowPC
    for _ in 0..<Limits.listEntries {
      let start = reader.offset
      let raw = try reader.u8()
      guard let kind = DWRangeListEntry(rawValue: raw) else {
        throw DWARFError(.debugRnglists, at: start, .unknownListEntry(raw))
      }
      switch kind {
      case .endOfList: return
      case .baseAddressx: base = try address(at: try reader.uleb128())
      case .baseAddress: base = try reader.unsigned(byteCount: size)
      case .offsetPair:
        let (first, last) = (try reader.uleb128(), try reader.uleb128())
        append(base &+ first, base &+ last)
      case .startxEndx:
        let (first, last) = (try reader.uleb128(), try reader.uleb128())
        append(try address(at: first), try address(at: last))
      case .startxLength:
        let first = try address(at: try reader.uleb128())
        append(first, first &+ (try reader.uleb128()))
      case .startEnd:
        let first = try reader.unsigned(byteCount: size)
        append(first, try reader.unsigned(byteCount: size))
      case .startLength:
        let first = try reader.unsigned(byteCount: size)
        append(first, first &+ (try reader.uleb128()))
      }
    }
    throw reader.error(.tooMany)
  }
}

extension UnitHeader {
  /// The largest address: base selection in old lists, tombstone in new ones.
  var addressLimit: UInt64 { addressByteCount == 8 ? .max : UInt64(UInt32.max) }
}
