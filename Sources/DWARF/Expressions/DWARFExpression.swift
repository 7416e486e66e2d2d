/// Location and value expressions (DWARF 5 §2.5, §2.6).
public enum DWARFExpression {
  /// Evaluates an expression (numbers in little-endian order) to the place or value it describes.
  ///
  /// Ends after `stepLimit` operations with `.tooManySteps`, whatever the expression is. `stack` is
  /// what stands on the stack at first: rules of unwind rows want the CFA there.
  public static func evaluate(
    _ expression: [UInt8], in context: some DWARFExpressionContext, stack: [UInt64] = [],
    stepLimit: Int = 100_000
  ) throws(DWARFExpressionError) -> DWARFLocation {
    var machine = ExpressionMachine(expression, context: context, stack: stack)
    return try machine.run(stepLimit: stepLimit)
  }

  /// Evaluates an expression that gives a number: `DW_AT_frame_base` of a register is that
  /// register's value (DWARF 5 §3.3.5), the CFA and rules of unwind rows are the top of the stack.
  public static func number(
    _ expression: [UInt8], in context: some DWARFExpressionContext, stack: [UInt64] = []
  ) throws(DWARFExpressionError) -> UInt64 {
    switch try evaluate(expression, in: context, stack: stack) {
    case .address(let value), .value(let value): return value
    case .register(let number): return try context.register(number)
    case .bytes, .implicitPointer, .pieces, .optimizedOut:
      throw DWARFExpressionError(at: expression.count, .notANumber)
    }
  }

  /// An expression whose value is this number.
  public static func constant(_ value: UInt64) -> [UInt8] {
    push(value) + [DWOperation.stackValue.rawValue]
  }

  /// An expression whose value is these bytes.
  public static func implicitValue(_ bytes: [UInt8]) -> [UInt8] {
    [DWOperation.implicitValue.rawValue] + uleb128(UInt64(bytes.count)) + bytes
  }

  /// The operation that pushes a number, in little-endian order.
  static func push(_ value: UInt64) -> [UInt8] {
    [DWOperation.const8u.rawValue] + (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  static func uleb128(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    repeat {
      let byte = UInt8(rest & 0x7f)
      rest >>= 7
      bytes.append(rest == 0 ? byte : byte | 0x80)
    } while rest != 0
    return bytes
  }
}

/// What an expression describes.
public indirect enum DWARFLocation: Equatable, Sendable {
  /// The object is in memory.
  case address(UInt64)
  /// The object is in the register with this DWARF number.
  case register(Int)
  /// The object is nowhere; this is its value (`DW_OP_stack_value`).
  case value(UInt64)
  /// The object is nowhere; these are its bytes (`DW_OP_implicit_value`).
  case bytes([UInt8])
  /// A pointer that is nowhere, to an object that is nowhere: described by the DIE at this offset.
  case implicitPointer(die: UInt64, offset: Int64)
  /// The object is in several places, the first part first.
  case pieces([Piece])
  case optimizedOut

  public struct Piece: Equatable, Sendable {
    public let location: DWARFLocation
    public let bitCount: UInt64
    /// Where the piece begins within its place.
    public let bitOffset: UInt64

    public init(location: DWARFLocation, bitCount: UInt64, bitOffset: UInt64 = 0) {
      self.location = location
      self.bitCount = bitCount
      self.bitOffset = bitOffset
    }
  }
}

/// What an expression may ask of the frame that it is evaluated for.
public protocol DWARFExpressionContext {
  /// Bytes of an address: 4 or 8.
  var addressByteCount: Int { get }
  /// The value of the register with this DWARF number.
  func register(_ number: Int) throws(DWARFExpressionError) -> UInt64
  /// An unsigned number of 1 to 8 bytes, in the target's byte order.
  func memory(_ address: UInt64, byteCount: Int) throws(DWARFExpressionError) -> UInt64
  /// The value of the function's `DW_AT_frame_base`.
  func frameBase() throws(DWARFExpressionError) -> UInt64
  func canonicalFrameAddress() throws(DWARFExpressionError) -> UInt64
  /// Where an address of the file is in the running program.
  func loadAddress(_ fileAddress: UInt64) throws(DWARFExpressionError) -> UInt64
  /// What an expression gave when the function was entered.
  func entryValue(_ expression: [UInt8]) throws(DWARFExpressionError) -> UInt64
}

extension DWARFExpressionContext {
  public var addressByteCount: Int { 8 }

  public func frameBase() throws(DWARFExpressionError) -> UInt64 {
    throw DWARFExpressionError(at: 0, .unavailable("no frame base"))
  }

  public func canonicalFrameAddress() throws(DWARFExpressionError) -> UInt64 {
    throw DWARFExpressionError(at: 0, .unavailable("no canonical frame address"))
  }

  public func loadAddress(_ fileAddress: UInt64) throws(DWARFExpressionError) -> UInt64 {
    fileAddress
  }

  public func entryValue(_ expression: [UInt8]) throws(DWARFExpressionError) -> UInt64 {
    throw DWARFExpressionError(at: 0, .unavailable("value at the function's entry is not known"))
  }
}
