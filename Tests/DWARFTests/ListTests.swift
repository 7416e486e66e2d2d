import Binary
import DWARF
import Machine
import TestSupport
import Testing

/// Range and location lists of both generations.
struct ListTests {
  /// A unit with low PC 0x1000 and, in version 5, tables of addresses and lists.
  private func unit(
    version: UInt16, _ contents: [DWARFSection: [UInt8]], attribute: UInt16 = 0x55,
    form: UInt16 = 0x17, value: UInt64 = 0
  ) throws -> (unit: Unit, value: AttributeValue) {
    let builder = DWARFBuilder(version: version)
    let bases: [(UInt16, UInt16)] = version >= 5 ? [(0x73, 0x17), (0x74, 0x17), (0x8c, 0x17)] : []
    builder.abbreviation(1, tag: 0x11, [(0x11, 0x01)] + bases + [(attribute, form)])
    builder.dies.u8(1).u64(0x1000)
    for _ in bases { builder.dies.u32(0) }
    if form == 0x17 { builder.dies.u32(UInt32(value)) } else { builder.dies.uleb128(value) }
    var contents = contents
    contents[.debugInfo] = builder.info()
    contents[.debugAbbrev] = builder.abbrev()
    let information = DebugInformation(sections(contents))
    let unit = try #require(information.units.first)
    let root = try #require(try unit.root())
    return (unit, try #require(try root.attribute(attribute == 0x55 ? .ranges : .location)))
  }

  private func text(_ ranges: [Range<FileAddress>]) -> [[UInt64]] {
    ranges.map { [$0.lowerBound.rawValue, $0.upperBound.rawValue] }
  }

  @Test func oldRanges() throws {
    let list = SectionBuilder()
    list.u64(0x20).u64(0x30).u64(0x10).u64(0x10)  // the second is empty
    list.u64(.max).u64(0x8000).u64(0).u64(4).u64(0).u64(0)
    let (unit, value) = try unit(version: 4, [.debugRanges: list.array])
    #expect(text(try unit.ranges(value)) == [[0x1020, 0x1030], [0x8000, 0x8004]])
  }

  @Test func newRanges() throws {
    let addresses = SectionBuilder().u64(0x7000).u64(0x7100)
    let list = SectionBuilder()
    list.u8(4).uleb128(0x20).uleb128(0x30)  // offset pair
    list.u8(5).u64(0x9000).u8(4).uleb128(1).uleb128(2)  // base address
    list.u8(1).uleb128(0).u8(4).uleb128(3).uleb128(4)  // base addressx
    list.u8(2).uleb128(0).uleb128(1)  // startx endx
    list.u8(3).uleb128(1).uleb128(8)  // startx length
    list.u8(6).u64(0x100).u64(0x200)  // start end
    list.u8(7).u64(0x300).uleb128(1)  // start length
    list.u8(0)
    let (unit, value) = try unit(
      version: 5, [.debugRnglists: list.array, .debugAddr: addresses.array])
    #expect(
      text(try unit.ranges(value)) == [
        [0x100, 0x200], [0x300, 0x301], [0x1020, 0x1030], [0x7000, 0x7100], [0x7003, 0x7004],
        [0x7100, 0x7108], [0x9001, 0x9002],
      ])
  }

  @Test func indexedRanges() throws {
    let list = SectionBuilder().u32(8).u32(0).u8(7).u64(0x300).uleb128(1).u8(0)
    let (unit, value) = try unit(
      version: 5, [.debugRnglists: list.array], form: 0x23, value: 0)
    #expect(text(try unit.ranges(value)) == [[0x300, 0x301]])
    let (other, beyond) = try self.unit(
      version: 5, [.debugRnglists: list.array], form: 0x23, value: 999)
    #expect(throws: DWARFError(.debugRnglists, at: 0, .badIndex(999))) {
      try other.ranges(beyond)
    }
  }

  @Test func badRanges() throws {
    let (unit, value) = try unit(version: 5, [.debugRnglists: [0x42]])
    #expect(throws: DWARFError(.debugRnglists, at: 0, .unknownListEntry(0x42))) {
      try unit.ranges(value)
    }
    let (open, end) = try self.unit(version: 4, [.debugRanges: [1, 0, 0]])
    #expect(throws: DWARFError(.debugRanges, at: 0, .unreadable(.endOfBytes(needed: 8)))) {
      try open.ranges(end)
    }
    let (indexed, address) = try self.unit(version: 5, [.debugRnglists: [3, 9, 1, 0]])
    #expect(throws: DWARFError(.debugAddr, at: 0, .badIndex(9))) { try indexed.ranges(address) }
  }

  @Test func oldLocations() throws {
    let list = SectionBuilder()
    list.u64(0x10).u64(0x20).u16(1).u8(0x50)
    list.u64(.max).u64(0x8000).u64(0).u64(4).u16(1).u8(0x51).u64(0).u64(0)
    let (unit, value) = try unit(version: 4, [.debugLoc: list.array], attribute: 0x02)
    #expect(try unit.location(value, at: FileAddress(0x100f)) == nil)
    #expect(try unit.location(value, at: FileAddress(0x1010))?.array == [0x50])
    #expect(try unit.location(value, at: FileAddress(0x101f))?.array == [0x50])
    #expect(try unit.location(value, at: FileAddress(0x1020)) == nil)
    #expect(try unit.location(value, at: FileAddress(0x8003))?.array == [0x51])
  }

  @Test func newLocations() throws {
    let addresses = SectionBuilder().u64(0x7000).u64(0x7100)
    let list = SectionBuilder()
    list.u8(4).uleb128(0x10).uleb128(0x20).uleb128(1).u8(0x50)  // offset pair
    list.u8(1).uleb128(1).u8(4).uleb128(0).uleb128(4).uleb128(1).u8(0x51)  // base addressx
    list.u8(3).uleb128(0).uleb128(8).uleb128(1).u8(0x52)  // startx length
    list.u8(5).uleb128(1).u8(0x53)  // default
    list.u8(8).u64(0x300).uleb128(1).uleb128(1).u8(0x54)  // start length
    list.u8(0)
    let (unit, value) = try unit(
      version: 5, [.debugLoclists: list.array, .debugAddr: addresses.array], attribute: 0x02)
    #expect(try unit.location(value, at: FileAddress(0x1010))?.array == [0x50])
    #expect(try unit.location(value, at: FileAddress(0x7100))?.array == [0x51])
    #expect(try unit.location(value, at: FileAddress(0x7007))?.array == [0x52])
    #expect(try unit.location(value, at: FileAddress(0x300))?.array == [0x54])
    #expect(try unit.location(value, at: FileAddress(0x5000))?.array == [0x53])
    let (bad, list5) = try self.unit(version: 5, [.debugLoclists: [9]], attribute: 0x02)
    #expect(throws: DWARFError(.debugLoclists, at: 0, .unknownListEntry(9))) {
      try bad.location(list5, at: FileAddress(0))
    }
  }
}
