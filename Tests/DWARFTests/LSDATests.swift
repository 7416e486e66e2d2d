import Binary
import DWARF
import Machine
import TestSupport
import Testing

struct LSDATests {
  /// A table at 0x5004 for a function at 0x1000: no types, entries as ULEB128.
  private func section(_ entries: [(UInt64, UInt64, UInt64, UInt64)], actions: [UInt8] = [])
    -> Bytes
  {
    let table = SectionBuilder()
    for (start, length, pad, action) in entries {
      table.uleb128(start).uleb128(length).uleb128(pad).uleb128(action)
    }
    let section = SectionBuilder().u32(0).u8(0xff).u8(0xff).u8(0x01)
    return section.uleb128(UInt64(table.count)).append(table.array).append(actions).bytes
  }

  private func read(_ section: Bytes) throws(DWARFError) -> LSDA {
    try LSDA(
      reading: section, at: FileAddress(0x5004), sectionAddress: FileAddress(0x5000),
      function: FileAddress(0x1000))
  }

  @Test func callSites() throws {
    let table = try read(
      section(
        [(0, 0x10, 0, 0), (0x10, 0x20, 0x80, 0), (0x30, 4, 0x90, 1)],
        actions: [0x01, 0x01, 0x00, 0x00]))
    #expect(table.callSites.count == 3)
    #expect(table.callSite(containing: FileAddress(0x100f))?.landingPad == nil)
    let cleanup = try #require(table.callSite(containing: FileAddress(0x1010)))
    #expect(cleanup.landingPad == FileAddress(0x1080) && !cleanup.mayCatch)
    #expect(try table.actions(of: cleanup).isEmpty)
    let caught = try #require(table.callSite(containing: FileAddress(0x1033)))
    #expect(caught.landingPad == FileAddress(0x1090) && caught.mayCatch)
    #expect(try table.actions(of: caught).map(\.filter) == [1, 0])
    #expect(table.callSite(containing: FileAddress(0x1034)) == nil)
  }

  @Test func tellsDamage() throws {
    #expect(throws: DWARFError(.gccExceptTable, at: 8, .badLength(0x7f))) {
      try read(Bytes([0, 0, 0, 0, 0xff, 0xff, 1, 0x7f]))
    }
    #expect(throws: DWARFError(.gccExceptTable, at: 8, .unknownPointerEncoding(0x0f))) {
      try read(Bytes([0, 0, 0, 0, 0xff, 0xff, 0x0f, 1, 0]))
    }
    #expect(throws: DWARFError.self) { try read(Bytes([0, 0])) }
    // An action that follows itself.
    let loop = try read(section([(0, 4, 8, 1)], actions: [0x01, 0x7f]))
    let site = try #require(loop.callSites.first)
    #expect(throws: DWARFError.self) { try loop.actions(of: site) }
  }
}
