import Binary
import DWARF
import Machine
import TestSupport
import Testing

/// Sections of a test, empty where not given.
func sections(
  _ contents: [DWARFSection: [UInt8]], endianness: Endianness = .little
) -> DWARFSections {
  DWARFSections(endianness: endianness) { contents[$0].map { Bytes($0) } }
}

struct Shape: Sendable, CustomTestStringConvertible {
  let version: UInt16
  let endianness: Endianness
  let is64Bit: Bool
  let addressByteCount: Int

  var testDescription: String {
    "version \(version) \(endianness) \(is64Bit ? 64 : 32)-bit, \(addressByteCount)-byte addresses"
  }

  var builder: DWARFBuilder {
    DWARFBuilder(
      version: version, endianness: endianness, is64Bit: is64Bit,
      addressByteCount: addressByteCount)
  }

  static let all = [UInt16(3), 4, 5].flatMap { version in
    [Endianness.little, .big].flatMap { endianness in
      [true, false].flatMap { is64Bit in
        [4, 8].map {
          Shape(
            version: version, endianness: endianness, is64Bit: is64Bit, addressByteCount: $0)
        }
      }
    }
  }
}

struct UnitTests {
  /// unit { namespace "a" { variable "x" }, subprogram 0x1000..<0x1010 }
  @Test(arguments: Shape.all)
  func walksDIEs(shape: Shape) throws {
    let builder = shape.builder
    builder.abbreviation(1, tag: 0x11, hasChildren: true, [(0x03, 0x08)])
    builder.abbreviation(2, tag: 0x39, hasChildren: true, [(0x03, 0x08)])
    builder.abbreviation(3, tag: 0x34, [(0x03, 0x08), (0x02, 0x18), (0x3b, 0x0b)])
    builder.abbreviation(70, tag: 0x2e, [(0x11, 0x01), (0x12, 0x06), (0x2113, 0x05)])
    builder.dies.uleb128(1).cString("unit")
    builder.dies.uleb128(2).cString("a")
    builder.dies.uleb128(3).cString("x").uleb128(3).append([1, 2, 3]).u8(7).u8(0)
    builder.dies.uleb128(70).unsigned(0x1000, byteCount: shape.addressByteCount).u32(0x10).u16(9)
    builder.dies.u8(0)
    let information = DebugInformation(
      sections(
        [.debugInfo: builder.info(), .debugAbbrev: builder.abbrev()],
        endianness: shape.endianness))
    #expect(information.problems.isEmpty)
    let unit = try #require(information.units.first)
    #expect(String(try information.sections.string(unit.name)) == "unit")
    var walker = try DIEWalker(unit)
    var seen: [String] = []
    var ranges: [Range<FileAddress>] = []
    while let die = try walker.next() {
      seen.append("\(walker.depth) \(die.tag.map { "\($0)" } ?? "?")")
      ranges += try die.ranges()
      #expect(try information.die(at: die.offset).offset == die.offset)
    }
    #expect(seen == ["0 compileUnit", "1 namespace", "2 variable", "1 subprogram"])
    #expect(ranges == [FileAddress(0x1000)..<FileAddress(0x1010)])
    #expect(try walker.next() == nil)
    let root = try #require(try unit.root())
    var children = try root.children()
    let namespace = try #require(try children.next())
    #expect(namespace.tag == .namespace)
    #expect(try children.next()?.tag == .subprogram)
    #expect(try children.next() == nil)
  }

  /// How a builder's sections are spoilt, and the problem that is told.
  @Test func tellsBadHeaders() {
    func problems(
      _ builder: DWARFBuilder, length: UInt64? = nil, unitType: UInt8 = 1
    ) -> [DWARFError] {
      builder.abbreviation(1, tag: 0x11)
      builder.dies.uleb128(1)
      return DebugInformation(
        sections([
          .debugInfo: builder.info(length: length, unitType: unitType),
          .debugAbbrev: builder.abbrev(),
        ])
      ).problems
    }
    func error(_ kind: DWARFError.Kind) -> [DWARFError] { [DWARFError(.debugInfo, at: 0, kind)] }
    #expect(problems(DWARFBuilder()).isEmpty)
    #expect(problems(DWARFBuilder(), length: 0x1000) == error(.badLength(0x1000)))
    #expect(problems(DWARFBuilder(), length: 0xffff_fff1) == error(.badLength(0xffff_fff1)))
    #expect(problems(DWARFBuilder(version: 1)) == error(.unsupportedVersion(1)))
    #expect(problems(DWARFBuilder(version: 6)) == error(.unsupportedVersion(6)))
    #expect(problems(DWARFBuilder(addressByteCount: 3)) == error(.badAddressSize(3)))
    #expect(problems(DWARFBuilder(), unitType: 0x44) == error(.unknownUnitType(0x44)))
    #expect(
      problems(DWARFBuilder(is64Bit: true), length: .max) == error(.badLength(.max)))
  }

  /// A unit that fails is left out; the next one is found behind it.
  @Test func skipsBadUnits() {
    let bad = DWARFBuilder(version: 9)
    bad.dies.u8(1)
    let good = DWARFBuilder()
    good.abbreviation(1, tag: 0x11)
    good.dies.uleb128(1)
    let information = DebugInformation(
      sections([.debugInfo: bad.info() + good.info(), .debugAbbrev: good.abbrev()]))
    #expect(information.units.count == 1)
    #expect(information.problems == [DWARFError(.debugInfo, at: 0, .unsupportedVersion(9))])
  }

  @Test func tellsBadAbbreviations() {
    func problem(_ abbrev: [UInt8]) -> DWARFError? {
      let builder = DWARFBuilder()
      builder.dies.uleb128(1)
      return DebugInformation(sections([.debugInfo: builder.info(), .debugAbbrev: abbrev]))
        .problems.first
    }
    #expect(
      problem([1, 0x11, 0, 0x03, 0x7f, 0, 0, 0])
        == DWARFError(.debugAbbrev, at: 3, .unknownForm(0x7f)))
    #expect(
      problem([1, 0x11, 0, 0, 0, 1, 0x11, 0, 0, 0, 0])
        == DWARFError(.debugAbbrev, at: 5, .duplicateAbbreviation(1)))
    #expect(
      problem([1, 0x11, 0]) == DWARFError(.debugAbbrev, at: 3, .unreadable(.endOfBytes(needed: 1))))
    #expect(problem([0]) == DWARFError(.debugInfo, at: 12, .unknownAbbreviation(1)))
    #expect(
      problem([1, 0x11, 0, 0x03, 0x1a, 0, 0, 0])
        == DWARFError(
          .debugInfo, at: 13, .unreadable(.endOfBytes(needed: 1))))
  }

  @Test func tellsBadDIEs() throws {
    func failure(_ dies: [UInt8], _ attributes: [(UInt16, UInt16)] = []) throws -> DWARFError? {
      let builder = DWARFBuilder()
      builder.abbreviation(1, tag: 0x11, hasChildren: true)
      builder.abbreviation(2, tag: 0x39, hasChildren: true, attributes)
      builder.dies.append([1] + dies)
      let information = DebugInformation(
        sections([.debugInfo: builder.info(), .debugAbbrev: builder.abbrev()]))
      var walker = try DIEWalker(try #require(information.units.first))
      do {
        while let die = try walker.next() {
          var attributes = try die.attributes()
          while let (_, value) = try attributes.next() { _ = try information.target(of: value) }
        }
      } catch {
        return error
      }
      return nil
    }
    #expect(try failure([2, 0, 0]) == nil)
    #expect(try failure([9]) == DWARFError(.debugInfo, at: 13, .unknownAbbreviation(9)))
    #expect(
      try failure([2, 0x16], [(0x49, 0x16)])
        == DWARFError(.debugInfo, at: 14, .nestedIndirectForm))
    #expect(
      try failure([2, 0x7f], [(0x49, 0x16)])
        == DWARFError(.debugInfo, at: 14, .unknownForm(0x7f)))
    #expect(
      try failure([2, 0xff, 0xff, 0, 0], [(0x49, 0x13)])
        == DWARFError(.debugInfo, at: 0xffff, .badReference(0xffff)))
    #expect(
      try failure([UInt8](repeating: 2, count: 5000))
        == DWARFError(.debugInfo, at: 13 + 4095, .tooDeep))
  }

  /// A sibling that points backwards is not followed.
  @Test(arguments: [UInt32(0), 12, 13, 0xffff])
  func ignoresBadSiblings(sibling: UInt32) throws {
    let builder = DWARFBuilder()
    builder.abbreviation(1, tag: 0x11, hasChildren: true)
    builder.abbreviation(2, tag: 0x39, hasChildren: true, [(0x01, 0x13)])
    builder.abbreviation(3, tag: 0x24)
    builder.dies.u8(1).u8(2).u32(sibling).u8(3).u8(3).u8(0).u8(3).u8(0)
    let information = DebugInformation(
      sections([.debugInfo: builder.info(), .debugAbbrev: builder.abbrev()]))
    var walker = try DIEWalker(try #require(information.units.first))
    _ = try walker.next()
    #expect(try walker.next()?.tag == .namespace)
    try walker.skipChildren()
    #expect(try walker.next()?.tag == .baseType)
    #expect(walker.depth == 1)
    #expect(try walker.next() == nil)
  }
}
