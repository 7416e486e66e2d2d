/// A unit with what its root DIE says of the rest: name, bases of tables, low PC.
public final class Unit: Sendable {
  public let header: UnitHeader
  /// Position among the units of the file.
  public let index: Int
  public let sections: DWARFSections
  let abbreviations: AbbreviationTable
  /// `DW_AT_name`
  public let name: StringReference
  /// `DW_AT_comp_dir`
  public let directory: StringReference
  /// `DW_AT_stmt_list`: its line program, or nil.
  public let lineOffset: UInt64?
  /// `DW_AT_low_pc`: the base of its range and location lists.
  public let lowPC: UInt64
  /// `DW_AT_language`, or nil.
  public let language: UInt64?
  let addressBase: UInt64
  let stringOffsetsBase: UInt64
  let rangeListsBase: UInt64
  let locationListsBase: UInt64

  init(
    header: UnitHeader, index: Int, sections: DWARFSections, abbreviations: AbbreviationTable
  ) throws(DWARFError) {
    self.header = header
    self.index = index
    self.sections = sections
    self.abbreviations = abbreviations
    let tableHeader = header.offsetByteCount == 8 ? UInt64(16) : 8
    var bases = RootAttributes(tableHeader: tableHeader)
    try bases.read(header: header, sections: sections, abbreviations: abbreviations)
    addressBase = bases.address
    stringOffsetsBase = bases.stringOffsets
    rangeListsBase = bases.rangeLists
    locationListsBase = bases.locationLists
    lineOffset = bases.line
    language = bases.language
    name = try bases.resolve(bases.name, header: header, sections: sections)
    directory = try bases.resolve(bases.directory, header: header, sections: sections)
    lowPC = try bases.resolveAddress(header: header, sections: sections)
  }

  /// The unit's root DIE.
  public func root() throws(DWARFError) -> DIE? {
    var walker = try DIEWalker(self)
    return try walker.next()
  }

  // MARK: Looking up

  /// The string of an attribute, or nil: it is none, or it is in another file.
  public func string(_ value: AttributeValue) throws(DWARFError) -> StringReference? {
    switch value {
    case .string(let reference): return reference
    case .stringIndex(let index):
      return try sections.string(at: index, base: stringOffsetsBase, header)
    default: return nil
    }
  }

  /// The address of an attribute, or nil: it is none.
  public func address(_ value: AttributeValue) throws(DWARFError) -> UInt64? {
    switch value {
    case .address(let address): return address
    case .addressIndex(let index): return try address(at: index)
    default: return nil
    }
  }

  /// An entry of the unit's part of `.debug_addr`.
  public func address(at index: UInt64) throws(DWARFError) -> UInt64 {
    try sections.address(at: index, base: addressBase, header)
  }
}

/// What is taken from the root DIE, before the unit itself exists.
private struct RootAttributes {
  var address: UInt64
  var stringOffsets: UInt64
  var rangeLists: UInt64
  var locationLists: UInt64
  var line: UInt64?
  var language: UInt64?
  var name: AttributeValue?
  var directory: AttributeValue?
  var lowPC: AttributeValue?

  // A unit without the base attributes uses the first table, behind its header (DWARF 5 §7.26).
  init(tableHeader: UInt64) {
    address = tableHeader
    stringOffsets = tableHeader
    rangeLists = tableHeader + 4
    locationLists = tableHeader + 4
  }

  mutating func read(
    header: UnitHeader, sections: DWARFSections, abbreviations: AbbreviationTable
  ) throws(DWARFError) {
    var reader = try sections.reader(.debugInfo, at: header.dieOffset).limited(to: header.end)
    if reader.isAtEnd { return }
    let code = try reader.uleb128()
    if code == 0 { return }
    guard let abbreviation = abbreviations.abbreviation(code) else {
      throw DWARFError(.debugInfo, at: header.dieOffset, .unknownAbbreviation(code))
    }
    for attribute in abbreviation.attributes {
      let value = try reader.value(attribute.form, constant: attribute.constant, in: header)
      switch attribute.name {
      case .name: name = value
      case .compDir: directory = value
      case .lowPc: lowPC = value
      case .stmtList: line = value.number
      case .language: language = value.number
      case .addrBase, .gnuAddrBase: address = value.number ?? address
      case .strOffsetsBase: stringOffsets = value.number ?? stringOffsets
      case .rnglistsBase: rangeLists = value.number ?? rangeLists
      case .loclistsBase: locationLists = value.number ?? locationLists
      default: break
      }
    }
  }

  func resolve(
    _ value: AttributeValue?, header: UnitHeader, sections: DWARFSections
  ) throws(DWARFError) -> StringReference {
    switch value {
    case .string(let reference): return reference
    case .stringIndex(let index):
      return try sections.string(at: index, base: stringOffsets, header)
    default: return .none
    }
  }

  func resolveAddress(
    header: UnitHeader, sections: DWARFSections
  ) throws(DWARFError) -> UInt64 {
    switch lowPC {
    case .address(let value): return value
    case .addressIndex(let index):
      return try sections.address(at: index, base: address, header)
    default: return 0
    }
  }
}

extension DWARFSections {
  fileprivate func string(
    at index: UInt64, base: UInt64, _ header: UnitHeader
  ) throws(DWARFError) -> StringReference {
    let size = header.offsetByteCount
    return StringReference(
      .debugStr, try entry(.debugStrOffsets, at: index, base: base, byteCount: size))
  }

  fileprivate func address(
    at index: UInt64, base: UInt64, _ header: UnitHeader
  ) throws(DWARFError) -> UInt64 {
    try entry(.debugAddr, at: index, base: base, byteCount: header.addressByteCount)
  }

  /// The entry of a table of numbers.
  func entry(
    _ section: DWARFSection, at index: UInt64, base: UInt64, byteCount: Int
  ) throws(DWARFError) -> UInt64 {
    let (relative, overflow) = index.multipliedReportingOverflow(by: UInt64(byteCount))
    let (offset, wraps) = base.addingReportingOverflow(relative)
    let size = UInt64(self[section].count)
    guard !overflow, !wraps, offset <= size, UInt64(byteCount) <= size - offset else {
      throw DWARFError(section, at: base, .badIndex(index))
    }
    var reader = try reader(section, at: offset)
    return try reader.unsigned(byteCount: byteCount)
  }
}
