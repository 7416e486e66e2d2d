/// The units of a file (DWARF 2 to 5); DIEs are read when asked for.
public final class DebugInformation: Sendable {
  public let sections: DWARFSections
  /// In the order of `.debug_info`.
  public let units: [Unit]
  /// Why units were left out.
  public let problems: [DWARFError]

  /// Reads the header and root of every unit; those that fail are left out.
  public init(_ sections: DWARFSections) {
    self.sections = sections
    var units: [Unit] = []
    var problems: [DWARFError] = []
    // Units may share a table: damaged files must not make us read a long one a thousand times.
    var tables: [UInt64: AbbreviationTable] = [:]
    var offset: UInt64 = 0
    let size = UInt64(sections[.debugInfo].count)
    while offset < size {
      var next = size
      do {
        let unit = try Self.unit(
          at: offset, index: units.count, sections: sections, &tables, next: &next)
        // Only units of code and types are of use here.
        if unit.header.type == .compile || unit.header.type == .partial { units.append(unit) }
      } catch {
        problems.append(error)
      }
      offset = next
    }
    self.units = units
    self.problems = problems
  }

  private static func unit(
    at offset: UInt64, index: Int, sections: DWARFSections,
    _ tables: inout [UInt64: AbbreviationTable], next: inout UInt64
  ) throws(DWARFError) -> Unit {
    var reader = try sections.reader(.debugInfo, at: offset)
    let (end, offsetByteCount) = try reader.initialLength()
    next = end
    reader = try reader.limited(to: end)
    let header = try UnitHeader(
      reading: &reader, offset: offset, end: end, offsetByteCount: offsetByteCount)
    let place = header.abbreviationOffset
    let table: AbbreviationTable
    if let known = tables[place] {
      table = known
    } else {
      table = try AbbreviationTable(reading: sections, at: place)
    }
    tables[place] = table
    return try Unit(header: header, index: index, sections: sections, abbreviations: table)
  }

  /// The unit that contains an offset of `.debug_info`, or nil. O(log n).
  public func unit(containing offset: UInt64) -> Unit? {
    var (low, high) = (0, units.count)
    while low < high {
      let middle = (low + high) / 2
      if units[middle].header.end <= offset { low = middle + 1 } else { high = middle }
    }
    guard low < units.count, units[low].header.dieOffset <= offset else { return nil }
    return units[low]
  }

  /// The DIE at an offset of `.debug_info`; whether one begins there cannot be told for sure.
  public func die(at offset: UInt64) throws(DWARFError) -> DIE {
    guard let unit = unit(containing: offset) else {
      throw DWARFError(.debugInfo, at: offset, .badReference(offset))
    }
    return try unit.die(at: offset)
  }

  /// The DIE that an attribute refers to, or nil: it is no reference within this file.
  public func target(of value: AttributeValue) throws(DWARFError) -> DIE? {
    guard case .reference(let offset) = value else { return nil }
    return try die(at: offset)
  }
}

extension Unit {
  func die(at offset: UInt64) throws(DWARFError) -> DIE {
    var reader = try reader(at: offset)
    let code = try reader.uleb128()
    guard let abbreviation = abbreviations.abbreviation(code) else {
      throw DWARFError(.debugInfo, at: offset, .unknownAbbreviation(code))
    }
    return DIE(
      unit: self, offset: offset, abbreviation: abbreviation, attributesOffset: reader.offset)
  }
}
