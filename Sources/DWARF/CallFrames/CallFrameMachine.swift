import Machine

/// Runs call frame instructions up to one address (DWARF 5 §6.4.2, §6.4.3).
struct CallFrameMachine {
  private struct State {
    var cfa: CFARule?
    var rules: [Int: RegisterRule] = [:]
    var isReturnAddressSigned = false
  }

  private let description: FDE
  private let cie: CIE
  private var state = State()
  private var initial = State()
  private var remembered: [State] = []
  private var location: UInt64
  private var target: UInt64 = 0

  init(_ description: FDE, cie: CIE) {
    self.description = description
    self.cie = cie
    location = description.start
  }

  mutating func row(at address: UInt64) throws(DWARFError) -> UnwindRow {
    target = .max
    try run(cie.program)
    initial = state
    target = address
    location = description.start
    try run(description.program)
    guard let cfa = state.cfa else {
      throw DWARFError(description.program.section, at: description.offset, .badCallFrameState)
    }
    return UnwindRow(
      cfa: cfa, rules: state.rules, returnAddressRegister: cie.returnAddressRegister,
      isSignalFrame: cie.isSignalFrame, isReturnAddressSigned: state.isReturnAddressSigned,
      lsda: description.lsda.map { FileAddress($0) },
      function: FileAddress(description.start)..<FileAddress(description.end))
  }

  private mutating func run(_ program: SectionReader) throws(DWARFError) {
    var reader = program
    while !reader.isAtEnd {
      let start = reader.offset
      do {
        guard try step(&reader) else { return }
      } catch {
        // Errors of the state name the instruction, not what follows it.
        if case .badCallFrameState = error.kind {
          throw DWARFError(error.section, at: start, .badCallFrameState)
        }
        throw error
      }
    }
  }

  /// One instruction; false: the next row lies behind the address.
  private mutating func step(_ reader: inout SectionReader) throws(DWARFError) -> Bool {
    let start = reader.offset
    let byte = try reader.u8()
    let operand = UInt64(byte & 0x3f)
    switch byte & 0xc0 {
    case 0x40: return advance(by: operand)
    case 0x80:
      set(Int(operand), .offset(try factored(try reader.uleb128())))
      return true
    case 0xc0:
      restore(Int(operand))
      return true
    default: break
    }
    guard let instruction = DWCallFrame(rawValue: byte) else {
      throw DWARFError(reader.section, at: start, .unknownCallFrameInstruction(byte))
    }
    switch instruction {
    case .advanceLoc1: return advance(by: UInt64(try reader.u8()))
    case .advanceLoc2: return advance(by: UInt64(try reader.u16()))
    case .advanceLoc4: return advance(by: UInt64(try reader.u32()))
    case .setLoc:
      guard let address = try reader.pointer(cie.pointerEncoding, description.bases) else {
        throw reader.error(.badCallFrameState)
      }
      return move(to: address)
    case .defCfa, .defCfaSf, .defCfaRegister, .defCfaOffset, .defCfaOffsetSf, .defCfaExpression,
      .llvmDefAspaceCfa, .llvmDefAspaceCfaSf:
      try defineCFA(instruction, &reader)
    case .rememberState:
      guard remembered.count < Limits.rememberedStates else {
        throw reader.error(.badCallFrameState)
      }
      remembered.append(state)
    case .restoreState:
      guard let last = remembered.popLast() else { throw reader.error(.badCallFrameState) }
      state = last
    case .aarch64NegateRaState, .aarch64NegateRaStateWithPc: state.isReturnAddressSigned.toggle()
    case .gnuArgsSize: _ = try reader.uleb128()
    case .nop: break
    default: try setRule(instruction, &reader)
    }
    return true
  }

  private mutating func advance(by operand: UInt64) -> Bool {
    move(to: location &+ operand &* cie.codeAlignment)
  }

  private mutating func move(to address: UInt64) -> Bool {
    if address > target { return false }
    location = address
    return true
  }

  private mutating func defineCFA(
    _ instruction: DWCallFrame, _ reader: inout SectionReader
  ) throws(DWARFError) {
    switch instruction {
    case .defCfa, .llvmDefAspaceCfa:
      let number = try reader.registerNumber()
      state.cfa = .register(number, offset: try signed(try reader.uleb128(), reader))
      if instruction == .llvmDefAspaceCfa { _ = try reader.uleb128() }
    case .defCfaSf, .llvmDefAspaceCfaSf:
      let number = try reader.registerNumber()
      state.cfa = .register(number, offset: factored(try reader.sleb128()))
      if instruction == .llvmDefAspaceCfaSf { _ = try reader.uleb128() }
    case .defCfaRegister:
      let number = try reader.registerNumber()
      guard case .register(_, let offset) = state.cfa else {
        throw reader.error(.badCallFrameState)
      }
      state.cfa = .register(number, offset: offset)
    case .defCfaOffset, .defCfaOffsetSf:
      let offset =
        instruction == .defCfaOffset
        ? try signed(try reader.uleb128(), reader) : factored(try reader.sleb128())
      guard case .register(let number, _) = state.cfa else {
        throw reader.error(.badCallFrameState)
      }
      state.cfa = .register(number, offset: offset)
    default:
      state.cfa = .expression(try reader.bytes(try reader.uleb128()).array)
    }
  }

  private mutating func setRule(
    _ instruction: DWCallFrame, _ reader: inout SectionReader
  ) throws(DWARFError) {
    let number = try reader.registerNumber()
    switch instruction {
    case .offsetExtended: set(number, .offset(try factored(try reader.uleb128())))
    case .offsetExtendedSf: set(number, .offset(factored(try reader.sleb128())))
    case .valOffset: set(number, .valueOffset(try factored(try reader.uleb128())))
    case .valOffsetSf: set(number, .valueOffset(factored(try reader.sleb128())))
    case .restoreExtended: restore(number)
    case .undefined: set(number, .undefined)
    case .sameValue: set(number, .sameValue)
    case .register: set(number, .register(try reader.registerNumber()))
    case .expression:
      set(number, .expression(try reader.bytes(try reader.uleb128()).array))
    case .valExpression:
      set(number, .valueExpression(try reader.bytes(try reader.uleb128()).array))
    default:
      throw reader.error(.unknownCallFrameInstruction(instruction.rawValue))
    }
  }

  private mutating func set(_ number: Int, _ rule: RegisterRule) { state.rules[number] = rule }

  private mutating func restore(_ number: Int) { state.rules[number] = initial.rules[number] }

  private func factored(_ value: Int64) -> Int64 { value &* cie.dataAlignment }

  private func factored(_ value: UInt64) throws(DWARFError) -> Int64 {
    Int64(bitPattern: value) &* cie.dataAlignment
  }

  private func signed(_ value: UInt64, _ reader: SectionReader) throws(DWARFError) -> Int64 {
    guard let value = Int64(exactly: value) else { throw reader.error(.badCallFrameState) }
    return value
  }
}

extension SectionReader {
  /// A register's DWARF number; those of real machines are small.
  fileprivate mutating func registerNumber() throws(DWARFError) -> Int {
    let value = try uleb128()
    guard value < 1 << 16 else { throw error(.badIndex(value)) }
    return Int(value)
  }
}
