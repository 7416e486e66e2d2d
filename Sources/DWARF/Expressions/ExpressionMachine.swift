import Binary

/// The stack machine of expressions; all numbers are of the generic type (DWARF 5 §2.5.1).
struct ExpressionMachine<Context: DWARFExpressionContext> {
  private let context: Context
  private var reader: ByteReader
  private var stack: [UInt64]
  /// A location that is complete and waits for a piece or the end.
  private var finished: DWARFLocation?
  private var pieces: [DWARFLocation.Piece] = []
  /// Where the current operation begins.
  private var start = 0

  private static var stackLimit: Int { 1024 }
  private static var pieceLimit: Int { 4096 }

  init(_ expression: [UInt8], context: Context, stack: [UInt64]) {
    self.context = context
    self.stack = stack
    reader = ByteReader(Bytes(expression))
  }

  mutating func run(stepLimit: Int) throws(DWARFExpressionError) -> DWARFLocation {
    var steps = 0
    let isEmpty = reader.isAtEnd && stack.isEmpty
    while !reader.isAtEnd {
      start = reader.position
      steps += 1
      guard steps <= stepLimit else { throw error(.tooManySteps) }
      do {
        try step()
      } catch let failure as DWARFExpressionError {
        // Failures of the context do not know where they happened.
        throw failure.offset == 0 ? error(failure.kind) : failure
      } catch {
        throw self.error(.truncated)
      }
      guard stack.count <= Self.stackLimit else { throw error(.stackOverflow) }
    }
    if !pieces.isEmpty { return .pieces(pieces) }
    if isEmpty { return .optimizedOut }
    start = reader.position
    if let finished { return finished }
    return .address(try pop())
  }

  private func error(_ kind: DWARFExpressionError.Kind) -> DWARFExpressionError {
    DWARFExpressionError(at: start, kind)
  }

  // MARK: Stack

  private mutating func push(_ value: UInt64) {
    stack.append(context.addressByteCount == 4 ? value & UInt64(UInt32.max) : value)
  }

  private mutating func pop() throws(DWARFExpressionError) -> UInt64 {
    guard let value = stack.popLast() else { throw error(.stackUnderflow) }
    return value
  }

  private func pick(_ index: Int) throws(DWARFExpressionError) -> UInt64 {
    guard index < stack.count else { throw error(.stackUnderflow) }
    return stack[stack.count - 1 - index]
  }

  /// A number as signed of the generic type's width.
  private func signed(_ value: UInt64) -> Int64 {
    context.addressByteCount == 4
      ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
  }

  // MARK: Operations

  private mutating func step() throws {
    let byte = try reader.u8()
    if finished != nil, byte != DWOperation.piece.rawValue, byte != DWOperation.bitPiece.rawValue {
      throw error(.misplacedOperation)
    }
    switch byte {
    case 0x30...0x4f: push(UInt64(byte - 0x30))  // DW_OP_lit0...
    case 0x50...0x6f: finished = .register(Int(byte - 0x50))  // DW_OP_reg0...
    case 0x70...0x8f: try pushRegister(Int(byte - 0x70))  // DW_OP_breg0...
    default:
      guard let operation = DWOperation(rawValue: byte) else {
        throw error(.unknownOperation(byte))
      }
      if try pushConstant(operation) { return }
      if try arithmetic(operation) { return }
      if try stackOrControl(operation) { return }
      try place(operation)
    }
  }

  private mutating func pushRegister(_ number: Int) throws {
    let offset = try reader.sleb128()
    push(try context.register(number) &+ UInt64(bitPattern: offset))
  }

  private mutating func pushConstant(_ operation: DWOperation) throws -> Bool {
    switch operation {
    case .addr:
      push(
        try context.loadAddress(try reader.unsigned(byteCount: context.addressByteCount)))
    case .const1u: push(UInt64(try reader.u8()))
    case .const1s: push(UInt64(bitPattern: Int64(try reader.i8())))
    case .const2u: push(UInt64(try reader.u16()))
    case .const2s: push(UInt64(bitPattern: Int64(Int16(bitPattern: try reader.u16()))))
    case .const4u: push(UInt64(try reader.u32()))
    case .const4s: push(UInt64(bitPattern: Int64(Int32(bitPattern: try reader.u32()))))
    case .const8u, .const8s: push(try reader.u64())
    case .constu: push(try reader.uleb128())
    case .consts: push(UInt64(bitPattern: try reader.sleb128()))
    case .fbreg:
      let offset = try reader.sleb128()
      push(try context.frameBase() &+ UInt64(bitPattern: offset))
    case .bregx: try pushRegister(try registerNumber())
    case .callFrameCfa: push(try context.canonicalFrameAddress())
    case .entryValue, .gnuEntryValue:
      push(try context.entryValue(try reader.bytes(try reader.uleb128()).array))
    case .regvalType:
      let number = try registerNumber()
      _ = try reader.uleb128()
      push(try context.register(number))
    case .constType:
      _ = try reader.uleb128()
      push(try reader.unsigned(byteCount: Int(try reader.u8())))
    default: return false
    }
    return true
  }

  private mutating func registerNumber() throws -> Int {
    let number = try reader.uleb128()
    guard number < 1 << 16 else { throw error(.badSize(number)) }
    return Int(number)
  }

  private mutating func arithmetic(_ operation: DWOperation) throws -> Bool {
    switch operation {
    case .abs: push(signed(try pop()).magnitude)
    case .neg: push(0 &- (try pop()))
    case .not: push(~(try pop()))
    case .plusUconst: push(try pop() &+ (try reader.uleb128()))
    case .and, .or, .xor, .plus, .minus, .mul, .div, .mod, .shl, .shr, .shra, .eq, .ge, .gt, .le,
      .lt, .ne:
      let right = try pop()
      push(try combine(operation, try pop(), right))
    default: return false
    }
    return true
  }

  private func combine(
    _ operation: DWOperation, _ left: UInt64, _ right: UInt64
  ) throws(DWARFExpressionError) -> UInt64 {
    switch operation {
    case .and: return left & right
    case .or: return left | right
    case .xor: return left ^ right
    case .plus: return left &+ right
    case .minus: return left &- right
    case .mul: return left &* right
    case .div:
      guard right != 0 else { throw error(.divisionByZero) }
      return UInt64(bitPattern: signed(left).dividedReportingOverflow(by: signed(right)).0)
    case .mod:
      guard right != 0 else { throw error(.divisionByZero) }
      return left % right
    // Smart shifts: by 64 or more, everything is shifted out.
    case .shl: return left << right
    case .shr: return left >> right
    case .shra: return UInt64(bitPattern: signed(left) >> right)
    case .eq: return left == right ? 1 : 0
    case .ne: return left != right ? 1 : 0
    case .ge: return signed(left) >= signed(right) ? 1 : 0
    case .gt: return signed(left) > signed(right) ? 1 : 0
    case .le: return signed(left) <= signed(right) ? 1 : 0
    default: return signed(left) < signed(right) ? 1 : 0
    }
  }

  private mutating func stackOrControl(_ operation: DWOperation) throws -> Bool {
    switch operation {
    case .dup: push(try pick(0))
    case .drop: _ = try pop()
    case .over: push(try pick(1))
    case .pick: push(try pick(Int(try reader.u8())))
    case .swap:
      let (first, second) = (try pop(), try pop())
      push(first)
      push(second)
    case .rot:
      let (first, second, third) = (try pop(), try pop(), try pop())
      push(first)
      push(third)
      push(second)
    case .deref: push(try load(byteCount: UInt64(context.addressByteCount)))
    case .derefSize: push(try load(byteCount: UInt64(try reader.u8())))
    case .derefType:
      let size = UInt64(try reader.u8())
      _ = try reader.uleb128()
      push(try load(byteCount: size))
    case .skip: try branch(by: Int16(bitPattern: try reader.u16()))
    case .bra:
      let distance = Int16(bitPattern: try reader.u16())
      if try pop() != 0 { try branch(by: distance) }
    case .nop: break
    default: return false
    }
    return true
  }

  private mutating func load(byteCount: UInt64) throws -> UInt64 {
    guard (1...8).contains(byteCount) else { throw error(.badSize(byteCount)) }
    return try context.memory(try pop(), byteCount: Int(byteCount))
  }

  private mutating func branch(by distance: Int16) throws {
    let target = Int64(reader.position) + Int64(distance)
    guard target >= 0, target <= Int64(reader.bytes.count) else { throw error(.badBranch(target)) }
    try reader.seek(to: UInt64(target))
  }

  // MARK: Places

  private mutating func place(_ operation: DWOperation) throws {
    switch operation {
    case .regx: finished = .register(try registerNumber())
    case .stackValue: finished = .value(try pop())
    case .implicitValue: finished = .bytes(try reader.bytes(try reader.uleb128()).array)
    case .implicitPointer, .gnuImplicitPointer:
      let die = UInt64(try reader.u32())
      finished = .implicitPointer(die: die, offset: try reader.sleb128())
    case .piece:
      let (bitCount, overflow) = try reader.uleb128().multipliedReportingOverflow(by: 8)
      guard !overflow else { throw error(.badSize(.max)) }
      try addPiece(bitCount: bitCount, bitOffset: 0)
    case .bitPiece:
      let bitCount = try reader.uleb128()
      try addPiece(bitCount: bitCount, bitOffset: try reader.uleb128())
    default: throw error(.unsupportedOperation("DW_OP_\(operation)"))
    }
  }

  private mutating func addPiece(
    bitCount: UInt64, bitOffset: UInt64
  ) throws(DWARFExpressionError) {
    guard pieces.count < Self.pieceLimit else { throw error(.stackOverflow) }
    let location =
      if let finished { finished } else if let top = stack.popLast() {
        DWARFLocation.address(top)
      } else { DWARFLocation.optimizedOut }
    finished = nil
    pieces.append(.init(location: location, bitCount: bitCount, bitOffset: bitOffset))
  }
}
