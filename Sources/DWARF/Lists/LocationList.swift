public import Binary
public import Machine

extension Unit {
  /// The expression of a location attribute at an address: the attribute's own, or the entry of its
  /// list that covers `address`; nil: nowhere there (DWARF 5 §2.6.2, §7.7.3; DWARF 4 §2.6.2).
  public func location(
    _ value: AttributeValue, at address: FileAddress
  ) throws(DWARFError) -> Bytes? {
    switch value {
    case .block(let expression): return expression
    case .listIndex(let index):
      let relative = try sections.entry(
        .debugLoclists, at: index, base: locationListsBase, byteCount: header.offsetByteCount)
      return try location(list: locationListsBase &+ relative, at: address.rawValue)
    default:
      guard let offset = value.number else { return nil }
      return header.version >= 5
        ? try location(list: offset, at: address.rawValue)
        : try oldLocation(list: offset, at: address.rawValue)
    }
  }

  private func oldLocation(list: UInt64, at address: UInt64) throws(DWARFError) -> Bytes? {
    var reader = try sections.reader(.debugLoc, at: list)
    let size = header.addressByteCount
    var base = lowPC
    for _ in 0..<Limits.listEntries {
      let start = try reader.unsigned(byteCount: size)
      let end = try reader.unsigned(byteCount: size)
      if start == 0, end == 0 { return nil }
      if start == header.addressLimit {
        base = end
        continue
      }
      let expression = try reader.bytes(UInt64(try reader.u16()))
      if address >= base &+ start, address < base &+ end { return expression }
    }
    throw reader.error(.tooMany)
  }

  private func location(list: UInt64, at address: UInt64) throws(DWARFError) -> Bytes? {
    var reader = try sections.reader(.debugLoclists, at: list)
    var base = lowPC
    var fallback: Bytes?
    for _ in 0..<Limits.listEntries {
      let start = reader.offset
      let raw = try reader.u8()
      guard let kind = DWLocationListEntry(rawValue: raw) else {
        throw DWARFError(.debugLoclists, at: start, .unknownListEntry(raw))
      }
      if kind == .endOfList { return fallback }
      guard let range = try range(of: kind, base: &base, from: &reader) else { continue }
      let expression = try reader.bytes(try reader.uleb128())
      if kind == .defaultLocation {
        fallback = expression
      } else if address >= range.start, address < range.end {
        return expression
      }
    }
    throw reader.error(.tooMany)
  }

  /// The range of an entry that has an expression; nil: it has none.
  private func range(
    of kind: DWLocationListEntry, base: inout UInt64, from reader: inout SectionReader
  ) throws(DWARFError) -> (start: UInt64, end: UInt64)? {
    let size = header.addressByteCount
    switch kind {
    case .endOfList: return nil
    case .defaultLocation: return (0, 0)
    case .baseAddressx:
      base = try address(at: try reader.uleb128())
      return nil
    case .baseAddress:
      base = try reader.unsigned(byteCount: size)
      return nil
    case .offsetPair:
      let (first, last) = (try reader.uleb128(), try reader.uleb128())
      return (base &+ first, base &+ last)
    case .startxEndx:
      let (first, last) = (try reader.uleb128(), try reader.uleb128())
      return (try address(at: first), try address(at: last))
    case .startxLength:
      let first = try address(at: try reader.uleb128())
      return (first, first &+ (try reader.uleb128()))
    case .startEnd:
      let first = try reader.unsigned(byteCount: size)
      return (first, try reader.unsigned(byteCount: size))
    case .startLength:
      let first = try reader.unsigned(byteCount: size)
      return (first, first &+ (try reader.uleb128()))
    }
  }
}
