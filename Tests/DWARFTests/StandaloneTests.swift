import Binary
import DWARF
import TestSupport
import Testing

struct StandaloneTests {
  /// A unit with `.debug_addr` [0x7000, 0x7100] and the base types u8 and i8 behind its root.
  private func unit() throws -> (unit: Unit, types: [UInt8]) {
    let builder = DWARFBuilder()
    builder.abbreviation(1, tag: 0x11, hasChildren: true, [(0x73, 0x17)])
    builder.abbreviation(2, tag: 0x24, [(0x0b, 0x0b), (0x3e, 0x0b)])
    builder.dies.u8(1).u32(0).append([2, 1, 7]).append([2, 1, 5]).u8(0)
    let addresses = SectionBuilder().u64(0x7000).u64(0x7100)
    let information = DebugInformation(
      sections([
        .debugInfo: builder.info(), .debugAbbrev: builder.abbrev(), .debugAddr: addresses.array,
      ]))
    let first = UInt8(builder.headerByteCount + 5)
    return (try #require(information.units.first), [first, first + 3])
  }

  @Test func indices() throws {
    let (unit, _) = try unit()
    #expect(
      try unit.standalone(Bytes([0x70, 8, 0xa1, 1, 0x22]))
        == [0x70, 8, 0x03, 0, 0x71, 0, 0, 0, 0, 0, 0, 0x22])
    #expect(try unit.standalone(Bytes([0xa2, 0])) == [0x10, 0x80, 0xe0, 1])
    #expect(throws: DWARFError(.debugAddr, at: 0, .badIndex(9))) {
      try unit.standalone(Bytes([0xa1, 9]))
    }
    #expect(try unit.staticAddress(of: Bytes([0xa1, 1])) == 0x7100)
    #expect(try unit.staticAddress(of: Bytes([0x03, 1, 0, 0, 0, 0, 0, 0, 0])) == 1)
    #expect(try unit.staticAddress(of: Bytes([0xa1, 1, 0x23, 8])) == nil)
    #expect(try unit.staticAddress(of: Bytes([0x50])) == nil)
  }

  /// Conversions give what the evaluator then computes.
  @Test func conversions() throws {
    let (unit, types) = try unit()
    struct NoFrame: DWARFExpressionContext {
      func register(_ number: Int) throws(DWARFExpressionError) -> UInt64 { 0x1f0 }
      func memory(_ address: UInt64, byteCount: Int) throws(DWARFExpressionError) -> UInt64 { 0 }
    }
    func value(_ conversion: [UInt8]) throws -> DWARFLocation {
      let expression = try unit.standalone(Bytes([0x70, 0] + conversion + [0x9f]))
      return try DWARFExpression.evaluate(expression, in: NoFrame())
    }
    #expect(try value([0xa8, types[0]]) == .value(0xf0))
    #expect(try value([0xa8, types[1]]) == .value(0xffff_ffff_ffff_fff0))
    #expect(try value([0xa8, 0]) == .value(0x1f0))
    #expect(try value([0xa8, types[1], 0xa8, types[0]]) == .value(0xf0))
  }

  /// What has nothing to replace, branches, or is malformed, stays as it is.
  @Test(
    arguments: [
      [0x50], [], [0x91, 0x7c], [0x2f, 0, 0, 0xa1, 0], [0x0e, 1], [0xff, 0xff],
      [0x9e, 2, 0xa1, 0xa1], [0xf3, 1, 0x50, 0x9f], [0x93, 8, 0x50, 0x93, 8],
    ] as [[UInt8]])
  func unchanged(expression: [UInt8]) throws {
    #expect(try unit().unit.standalone(Bytes(expression)) == expression)
  }
}
