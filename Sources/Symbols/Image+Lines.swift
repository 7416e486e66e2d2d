import DWARF
public import Machine

extension Image {
  /// The source of the instruction at `address`, or nil: unknown, or no line's.
  public func sourceLocation(of address: FileAddress) throws(SymbolError) -> SourceLocation? {
    for unit in unitRanges().units(for: address) {
      guard let row = try lineTable(ofUnit: unit)?.row(containing: address) else { continue }
      return row.line == 0 ? nil : try location(of: row, inUnit: unit)
    }
    return nil
  }

  /// Addresses where statements of that line begin; `file` matches whole trailing path components.
  /// If the line has no code, the next line that has.
  public func addresses(file: String, line: Int) throws(SymbolError) -> [FileAddress] {
    guard let wanted = UInt32(exactly: line) else { return [] }
    var best = UInt32.max
    var found: [FileAddress] = []
    for unit in information.units.indices {
      let numbers = try fileNumbers(matching: file, inUnit: unit)
      guard !numbers.isEmpty, let table = try lineTable(ofUnit: unit) else { continue }
      for sequence in table.sequences {
        for (row, address) in table.statements(in: sequence, files: numbers) {
          guard row >= wanted, row <= best else { continue }
          if row < best { found = [] }
          best = row
          found.append(address)
        }
      }
    }
    return try firstOfEachScope(Array(Set(found)).sorted())
  }

  /// The lowest address in each function and inlined call: in optimised code a line is left and
  /// entered again, and one stop for each execution is enough.
  private func firstOfEachScope(_ addresses: [FileAddress]) throws(SymbolError) -> [FileAddress] {
    var seen: Set<UInt64> = []
    var first: [FileAddress] = []
    for address in addresses {
      let scope = try scopes(at: address).last { $0.tag != .lexicalBlock }
      if let scope, !seen.insert(scope.offset).inserted { continue }
      first.append(address)
    }
    return first
  }

  /// The first address after the function's prologue (where `break FUNCTION` stops).
  ///
  /// Where the compiler marked it, else where the second line of the function begins, else its
  /// entry.
  public func addressAfterPrologue(of function: Function) throws(SymbolError) -> FileAddress {
    guard let range = function.ranges.first else { return function.entry }
    for unit in unitRanges().units(for: range.lowerBound) {
      guard let table = try lineTable(ofUnit: unit),
        let sequence = table.sequence(containing: range.lowerBound)
      else { continue }
      let rows = table.rows[sequence.rows].filter { range.contains(FileAddress($0.address)) }
      let end =
        rows.first { $0.isPrologueEnd }
        ?? rows.first { $0.address > range.lowerBound.rawValue && $0.isStatement && $0.line != 0 }
      return end.map { FileAddress($0.address) } ?? function.entry
    }
    return function.entry
  }

  // MARK: Tables

  func unitRanges() -> UnitRanges {
    if let known = caches.withLock({ $0.unitRanges }) { return known }
    let made = UnitRanges(information.units, isCode: isCode)
    caches.withLock { $0.unitRanges = made }
    return made
  }

  /// nil: the unit has no line program.
  func lineHeader(ofUnit unit: Int) throws(SymbolError) -> LineHeader? {
    if let known = caches.withLock({ $0.lineHeaders[unit] }) { return known }
    let header = try wrapping { () throws(DWARFError) in
      try LineHeader(of: information.units[unit])
    }
    caches.withLock { $0.lineHeaders[unit] = .some(header) }
    return header
  }

  func lineTable(ofUnit unit: Int) throws(SymbolError) -> LineTable? {
    if let known = caches.withLock({ $0.lineTables[unit] }) { return known }
    let header = try lineHeader(ofUnit: unit)
    let table = try wrapping { () throws(DWARFError) -> LineTable? in
      guard let header else { return nil }
      return try LineTable(running: header, isCode: isCode)
    }
    caches.withLock { $0.lineTables[unit] = .some(table) }
    return table
  }

  private func location(
    of row: LineRow, inUnit unit: Int
  ) throws(SymbolError) -> SourceLocation? {
    try location(file: UInt64(row.file), line: row.line, column: row.column, inUnit: unit)
  }

  /// A place by the number of its file; nil: there is no such file.
  func location(
    file: UInt64, line: UInt32, column: UInt32, inUnit unit: Int
  ) throws(SymbolError) -> SourceLocation? {
    guard let path = try lineHeader(ofUnit: unit)?.path(ofFile: file, sections: sections) else {
      return nil
    }
    return SourceLocation(file: path, line: Int(line), column: Int(column))
  }

  private func fileNumbers(
    matching file: String, inUnit unit: Int
  ) throws(SymbolError) -> Set<UInt32> {
    guard let header = try lineHeader(ofUnit: unit) else { return [] }
    let suffix = "/" + file
    var numbers: Set<UInt32> = []
    for number in header.files.indices {
      guard let path = header.path(ofFile: UInt64(number), sections: sections) else { continue }
      if path == file || path.hasSuffix(suffix) { numbers.insert(UInt32(number)) }
    }
    return numbers
  }
}

extension LineTable {
  /// Where statements of some files begin: the first row of each run of rows of one line.
  fileprivate func statements(
    in sequence: Sequence, files: Set<UInt32>
  ) -> [(line: UInt32, address: FileAddress)] {
    var statements: [(line: UInt32, address: FileAddress)] = []
    var previous: LineRow?
    for row in rows[sequence.rows] {
      defer { previous = row }
      guard row.isStatement, row.line != 0, files.contains(row.file) else { continue }
      if let previous, previous.line == row.line, previous.file == row.file,
        previous.isStatement
      {
        continue
      }
      statements.append((row.line, FileAddress(row.address)))
    }
    return statements
  }
}
