import DWARF
import TestSupport
import Testing

private struct Frame: DWARFExpressionContext {
  func register(_ number: Int) throws(DWARFExpressionError) -> UInt64 {
    guard number < 32 else { throw DWARFExpressionError(at: 0, .unavailable("no such register")) }
    return UInt64(number) * 0x100
  }

  func memory(_ address: UInt64, byteCount: Int) throws(DWARFExpressionError) -> UInt64 {
    address + UInt64(byteCount)
  }

  func frameBase() throws(DWARFExpressionError) -> UInt64 { 0x7000 }
  func canonicalFrameAddress() throws(DWARFExpressionError) -> UInt64 { 0x8000 }
  func loadAddress(_ address: UInt64) throws(DWARFExpressionError) -> UInt64 { address + 0x10 }
}

struct DWARFExpressionTests {
  /// Expressions in bytes, and what they describe.
  @Test(
    arguments: [
      ([], .optimizedOut),
      ([0x50], .register(0)), ([0x90, 0x1f], .register(31)),
      ([0x35], .address(5)), ([0x35, 0x9f], .value(5)),
      ([0x03, 1, 0, 0, 0, 0, 0, 0, 0], .address(0x11)),
      ([0x08, 0xff], .address(0xff)), ([0x09, 0xff], .address(.max)),
      ([0x0b, 0, 0x80], .address(0xffff_ffff_ffff_8000)),
      ([0x0c, 0, 0, 0, 0x80], .address(0x8000_0000)),
      ([0x10, 0x80, 0x01], .address(128)), ([0x11, 0x7f], .address(.max)),
      ([0x91, 0x70], .address(0x6ff0)), ([0x9c], .address(0x8000)),
      ([0x72, 0x08], .address(0x208)), ([0x92, 3, 0x7f], .address(0x2ff)),
      ([0x35, 0x32, 0x22], .address(7)), ([0x35, 0x32, 0x1c], .address(3)),
      ([0x35, 0x32, 0x1e], .address(10)), ([0x37, 0x32, 0x1b], .address(3)),
      ([0x37, 0x32, 0x1d], .address(1)), ([0x31, 0x34, 0x24], .address(16)),
      ([0x31, 0x08, 64, 0x24], .address(0)), ([0x09, 0xff, 0x08, 200, 0x26], .address(.max)),
      ([0x09, 0xff, 0x31, 0x2d], .address(1)), ([0x09, 0xff, 0x31, 0x2b], .address(0)),
      ([0x35, 0x1f], .address(0xffff_ffff_ffff_fffb)), ([0x09, 0xfb, 0x19], .address(5)),
      ([0x35, 0x20], .address(~5)), ([0x35, 0x23, 0x7f], .address(132)),
      ([0x31, 0x32, 0x16, 0x13], .address(2)), ([0x31, 0x32, 0x14], .address(1)),
      ([0x31, 0x32, 0x33, 0x17], .address(2)), ([0x31, 0x32, 0x33, 0x15, 2], .address(1)),
      ([0x35, 0x06], .address(13)), ([0x35, 0x94, 2], .address(7)),
      ([0x30, 0x28, 1, 0, 0x31, 0x32], .address(2)),
      ([0x31, 0x28, 1, 0, 0x31, 0x32], .address(2)),
      ([0x2f, 1, 0, 0x31, 0x32], .address(2)),
      ([0x9e, 2, 7, 8], .bytes([7, 8])),
      (
        [0x50, 0x93, 8, 0x93, 4, 0x31, 0x9f, 0x93, 1],
        .pieces([
          .init(location: .register(0), bitCount: 64),
          .init(location: .optimizedOut, bitCount: 32), .init(location: .value(1), bitCount: 8),
        ])
      ),
      ([0x50, 0x9d, 3, 2], .pieces([.init(location: .register(0), bitCount: 3, bitOffset: 2)])),
    ] as [([UInt8], DWARFLocation)])
  func evaluates(expression: [UInt8], location: DWARFLocation) throws {
    #expect(try DWARFExpression.evaluate(expression, in: Frame()) == location)
  }

  @Test(
    arguments: [
      ([0xff], 0, .unknownOperation(0xff)),
      ([0x31, 0x9b], 1, .unsupportedOperation("DW_OP_formTlsAddress")),
      ([0x31, 0x0e, 1], 1, .truncated), ([0x22], 0, .stackUnderflow), ([0x9f], 0, .stackUnderflow),
      ([0x31, 0x30, 0x1b], 2, .divisionByZero), ([0x31, 0x30, 0x1d], 2, .divisionByZero),
      ([0x2f, 0x00, 0x80], 0, .badBranch(-32765)), ([0x2f, 0xfd, 0xff], 0, .tooManySteps),
      ([0x31, 0x94, 9], 1, .badSize(9)), ([0x31, 0x94, 0], 1, .badSize(0)),
      ([0x50, 0x31], 1, .misplacedOperation), ([0x31, 0x2f, 0xfc, 0xff], 0, .stackOverflow),
      ([0x90, 40, 0x92, 40, 0], 2, .misplacedOperation),
      ([0x92, 40, 0], 0, .unavailable("no such register")),
      ([0xa3, 1, 0x50], 0, .unavailable("value at the function's entry is not known")),
    ] as [([UInt8], Int, DWARFExpressionError.Kind)])
  func tellsErrors(expression: [UInt8], offset: Int, kind: DWARFExpressionError.Kind) {
    #expect(throws: DWARFExpressionError(at: offset, kind)) {
      try DWARFExpression.evaluate(expression, in: Frame())
    }
  }

  @Test func numbers() throws {
    #expect(try DWARFExpression.number([0x6f], in: Frame()) == 0x1f00)
    #expect(try DWARFExpression.number([0x23, 8], in: Frame(), stack: [0x40]) == 0x48)
    #expect(throws: DWARFExpressionError(at: 3, .notANumber)) {
      try DWARFExpression.number([0x9e, 1, 7], in: Frame())
    }
    #expect(try DWARFExpression.evaluate(DWARFExpression.constant(99), in: Frame()) == .value(99))
    #expect(
      try DWARFExpression.evaluate(DWARFExpression.implicitValue([4, 5]), in: Frame())
        == .bytes([4, 5]))
  }

  /// Any bytes at all end in a result or an error.
  @Test func survivesNoise() {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<3000 {
      let count = Int.random(in: 0...24, using: &random)
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      _ = try? DWARFExpression.evaluate(bytes, in: Frame(), stepLimit: 500)
    }
  }
}
