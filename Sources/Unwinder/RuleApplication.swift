import DWARF
import Machine

/// Applies one row of call frame information to one frame (DWARF 5 §6.4.3).
struct RuleApplication {
  let frame: Frame
  let row: UnwindRow
  let environment: any UnwindEnvironment

  func caller() -> StackWalk.Step {
    guard let cfa = canonicalFrameAddress() else { return .end(.noRule(frame.pc)) }
    let architecture = environment.architecture
    var registers = RegisterValues()
    do {
      for register in architecture.registers {
        registers[register.name] = try value(of: register, cfa: cfa)
      }
    } catch {
      return .end(.unreadable(error))
    }
    let column = architecture.register(dwarfNumber: row.returnAddressRegister)?.name
    if row.rules[row.returnAddressRegister] == .undefined { return .end(.bottom) }
    guard let column, let saved = registers[column] else { return .end(.noRule(frame.pc)) }
    let pc = StackWalk(in: environment).strippedAddress(saved)
    guard pc.rawValue != 0 else { return .end(.bottom) }
    // The psABI has no rule for the stack pointer: by definition it is the CFA in the caller.
    if row.rules[stackPointerNumber] == nil { registers[architecture.stackPointer] = cfa }
    registers[architecture.programCounter] = pc.rawValue
    return .frame(
      Frame(
        method: .callFrameInformation, pc: pc, registers: registers, space: frame.space,
        cfa: nil, isExact: row.isSignalFrame), cfa: Address(cfa))
  }

  private var stackPointerNumber: Int {
    let architecture = environment.architecture
    return architecture.registers.first { $0.name == architecture.stackPointer }?.dwarfNumber ?? -1
  }

  func canonicalFrameAddress() -> UInt64? {
    switch row.cfa {
    case .register(let number, let offset):
      guard let value = register(number) else { return nil }
      return value &+ UInt64(bitPattern: offset)
    case .expression(let expression):
      return environment.evaluate(expression, cfa: nil, in: frame)
    }
  }

  private func register(_ number: Int) -> UInt64? {
    guard let register = environment.architecture.register(dwarfNumber: number) else { return nil }
    return frame.registers[register.name]
  }

  /// The register in the caller, or nil: not recoverable.
  private func value(of register: Register, cfa: UInt64) throws(MemoryError) -> UInt64? {
    guard let number = register.dwarfNumber else { return nil }
    switch row.rules[number] {
    case nil: return isPreserved(number) ? frame.registers[register.name] : nil
    case .undefined: return nil
    case .sameValue: return frame.registers[register.name]
    case .offset(let offset): return try load(cfa &+ UInt64(bitPattern: offset))
    case .valueOffset(let offset): return cfa &+ UInt64(bitPattern: offset)
    case .register(let other): return self.register(other)
    case .expression(let expression):
      guard let address = environment.evaluate(expression, cfa: cfa, in: frame) else { return nil }
      return try load(address)
    case .valueExpression(let expression):
      return environment.evaluate(expression, cfa: cfa, in: frame)
    }
  }

  private func load(_ address: UInt64) throws(MemoryError) -> UInt64 {
    try environment.memory(in: frame.space)
      .readUnsigned(Address(address), byteCount: environment.architecture.pointerByteCount)
  }

  /// Whether a called function leaves the register alone (AAPCS64 §6.1.1: x19...x29; the link
  /// register counts until a rule says otherwise). After a trap every register is what it was.
  private func isPreserved(_ number: Int) -> Bool {
    row.isSignalFrame || (19...30).contains(number)
  }
}
