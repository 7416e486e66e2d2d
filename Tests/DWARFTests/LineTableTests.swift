import Binary
import DWARF
import Machine
import TestSupport
import Testing

struct LineTableTests {
  /// A program of version 4 with the directory `src` and the files `a.rs` (in it) and `/b.rs`.
  private func unit(
    version: UInt16 = 4, lineRange: UInt8 = 14, opcodeBase: UInt8 = 13, length: UInt32? = nil,
    directory: String = "/build", _ program: [UInt8]
  ) throws -> Unit {
    let header = SectionBuilder()
    header.u8(4).u8(1).u8(1).u8(UInt8(bitPattern: -5)).u8(lineRange).u8(opcodeBase)
    header.append(
      [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1].prefix(max(0, Int(opcodeBase) - 1)).map { $0 })
    header.cString("src").u8(0)
    header.cString("a.rs").append([1, 0, 0]).cString("/b.rs").append([0, 0, 0]).u8(0)
    let line = SectionBuilder()
    line.u32(length ?? UInt32(6 + header.count + program.count)).u16(version)
    line.u32(UInt32(header.count)).append(header.array).append(program)
    let builder = DWARFBuilder(version: 4)
    builder.abbreviation(1, tag: 0x11, [(0x10, 0x17), (0x1b, 0x08)])
    builder.dies.u8(1).u32(0).cString(directory)
    let information = DebugInformation(
      sections([
        .debugInfo: builder.info(), .debugAbbrev: builder.abbrev(), .debugLine: line.array,
      ]))
    return try #require(information.units.first)
  }

  private func table(_ program: [UInt8]) throws -> LineTable {
    let header = try #require(try LineHeader(of: try unit(program)))
    return try LineTable(running: header) { $0.rawValue >= 0x1000 }
  }

  /// DW_LNE_set_address
  private func address(_ value: UInt64) -> [UInt8] {
    [0, 9, 2] + SectionBuilder().u64(value).array
  }

  private let end: [UInt8] = [0, 1, 1]

  @Test func rows() throws {
    let program: [UInt8] =
      address(0x1000) + [
        3, 9, 5, 7, 1,  // line 10, column 7, copy
        10, 75,  // prologue end; special: 62 = 4*14+6: address +16, line +1
        2, 2, 4, 2, 6, 1,  // address +8, file 2, not a statement, copy
        8, 9, 4, 0, 1,  // const add pc: +17*4, fixed +4, copy
        2, 1,
      ] + end
    let table = try table(program)
    #expect(table.sequences.count == 1)
    #expect(table.sequences[0].addresses == FileAddress(0x1000)..<FileAddress(0x1064))
    func row(_ address: UInt64) -> LineRow? { table.row(containing: FileAddress(address)) }
    #expect(row(0xfff) == nil && row(0x1064) == nil)
    let first = try #require(row(0x100f))
    #expect(first.address == 0x1000 && first.line == 10 && first.column == 7 && first.file == 1)
    #expect(first.isStatement && !first.isPrologueEnd)
    let second = try #require(row(0x1010))
    #expect(second.line == 11 && second.isPrologueEnd)
    let third = try #require(row(0x1018))
    #expect(third.file == 2 && !third.isStatement && !third.isPrologueEnd)
    #expect(row(0x1060)?.address == 0x1060)
  }

  /// Dropped functions leave their sequence at 0; a program may end without one.
  @Test func dropsTombstones() throws {
    let table = try table(
      address(0) + [1, 2, 1] + end + address(0x2000) + [1, 2, 1] + end + address(0x1000)
        + [1, 2, 4] + end + address(0x9000) + [1])
    #expect(table.sequences.map { $0.addresses.lowerBound.rawValue } == [0x1000, 0x2000])
    #expect(table.row(containing: FileAddress(0x9000)) == nil)
  }

  @Test func paths() throws {
    func paths(_ directory: String) throws -> [String?] {
      let unit = try unit(directory: directory, [])
      let header = try #require(try LineHeader(of: unit))
      return (0...3).map { header.path(ofFile: $0, sections: unit.sections) }
    }
    #expect(try paths("/build") == ["/build/src/a.rs", "/build/src/a.rs", "/b.rs", nil])
    #expect(try paths("shapes") == ["src/a.rs", "src/a.rs", "/b.rs", nil])
  }

  @Test func tellsBadHeaders() throws {
    #expect(throws: DWARFError(.debugLine, at: 0, .unsupportedVersion(6))) {
      try LineHeader(of: try unit(version: 6, []))
    }
    #expect(throws: DWARFError(.debugLine, at: 15, .badLineHeader("line range"))) {
      try LineHeader(of: try unit(lineRange: 0, []))
    }
    #expect(throws: DWARFError(.debugLine, at: 16, .badLineHeader("opcode base"))) {
      try LineHeader(of: try unit(opcodeBase: 0, []))
    }
    #expect(throws: DWARFError(.debugLine, at: 0, .badLength(0x7000))) {
      try LineHeader(of: try unit(length: 0x7000, []))
    }
  }

  @Test func tellsBadPrograms() throws {
    #expect(throws: DWARFError.self) { try table([0, 0]) }
    #expect(throws: DWARFError.self) { try table([0, 99, 1]) }
    #expect(throws: DWARFError.self) { try table([3]) }
  }
}
