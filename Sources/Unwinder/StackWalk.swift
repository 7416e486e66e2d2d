public import Machine

/// Walks from the innermost frame outwards. Total: it ends on any input, and says why it ended.
public struct StackWalk {
  private let environment: any UnwindEnvironment

  public init(in environment: any UnwindEnvironment) { self.environment = environment }

  /// The frames of one stack, innermost first, at most `limit`.
  public func backtrace(
    from registers: RegisterValues, in space: AddressSpace, limit: Int
  ) -> Backtrace {
    let architecture = environment.architecture
    guard let pc = registers[architecture.programCounter] else {
      return Backtrace(frames: [], end: .bottom)
    }
    var frames = [
      Frame(
        method: .registers, pc: Address(pc), registers: registers, space: space, cfa: nil,
        isExact: true)
    ]
    while frames.count < limit {
      if Interrupt.shared.isRequested { return Backtrace(frames: frames, end: .interrupted) }
      let last = frames[frames.count - 1]
      switch caller(of: last) {
      case .frame(let next, _)
      where next.method == .trapFrame && environment.isSwitchingThreads(frames):
        return Backtrace(frames: frames, end: .switchingThreads)
      case .frame(let next, let cfa):
        frames[frames.count - 1].cfa = cfa
        guard advances(from: last, to: next) else {
          return Backtrace(frames: frames, end: .didNotAdvance)
        }
        frames.append(next)
      case .end(let reason):
        return Backtrace(frames: frames, end: reason)
      }
    }
    return Backtrace(frames: frames, end: .limit(limit))
  }

  enum Step {
    /// The caller, and the canonical frame address of the frame that it was found for.
    case frame(Frame, cfa: Address?)
    case end(EndReason)
  }

  /// Tries the rules in the order of trust.
  func caller(of frame: Frame) -> Step {
    if let interrupted = environment.interruptedFrame(behind: frame) {
      return .frame(interrupted, cfa: nil)
    }
    if let row = environment.unwindRow(at: frame.lookupAddress, in: frame.space) {
      return RuleApplication(frame: frame, row: row, environment: environment).caller()
    }
    return framePointerCaller(of: frame)
  }

  /// A stack grows downwards: outwards the stack pointer never sinks, unless a trap changed stacks.
  private func advances(from inner: Frame, to outer: Frame) -> Bool {
    if outer.isExact { return true }
    let name = environment.architecture.stackPointer
    guard let before = inner.registers[name], let after = outer.registers[name] else {
      return outer.registers[name] == nil && outer.pc != inner.pc
    }
    return after > before || (after == before && outer.pc != inner.pc && inner.isExact)
  }

  /// AAPCS64 §6.4.6: x29 points to the caller's x29, the return address follows it.
  private func framePointerCaller(of frame: Frame) -> Step {
    let architecture = environment.architecture
    guard let pointer = frame.registers[architecture.framePointer], pointer != 0 else {
      return linkRegisterCaller(of: frame)
    }
    let size = UInt64(architecture.pointerByteCount)
    guard pointer % size == 0, pointer >= frame.registers[architecture.stackPointer] ?? 0 else {
      return linkRegisterCaller(of: frame)
    }
    let memory = environment.memory(in: frame.space)
    do {
      let next = try memory.readUnsigned(Address(pointer), byteCount: Int(size))
      let saved = try memory.readUnsigned(Address(pointer) + size, byteCount: Int(size))
      let pc = strippedAddress(saved)
      guard pc.rawValue != 0 else { return .end(.bottom) }
      guard environment.isCode(pc, in: frame.space) else { return .end(.noRule(frame.pc)) }
      var registers = RegisterValues()
      registers[architecture.framePointer] = next
      registers[architecture.stackPointer] = pointer &+ 2 &* size
      registers[architecture.programCounter] = pc.rawValue
      return .frame(
        Frame(
          method: .framePointer, pc: pc, registers: registers, space: frame.space, cfa: nil,
          isExact: false), cfa: Address(pointer) + 2 * size)
    } catch {
      return .end(.unreadable(error))
    }
  }

  /// The last resort, for the innermost frame only: code that has not touched the stack yet.
  private func linkRegisterCaller(of frame: Frame) -> Step {
    let architecture = environment.architecture
    guard frame.isExact, let name = architecture.linkRegister, let value = frame.registers[name]
    else { return .end(.noRule(frame.pc)) }
    let pc = strippedAddress(value)
    guard pc.rawValue != 0 else { return .end(.bottom) }
    guard pc != frame.pc, environment.isCode(pc, in: frame.space) else {
      return .end(.noRule(frame.pc))
    }
    var registers = frame.registers
    registers[architecture.programCounter] = pc.rawValue
    return .frame(
      Frame(
        method: .linkRegister, pc: pc, registers: registers, space: frame.space, cfa: nil,
        isExact: false), cfa: nil)
  }

  /// A return address without its pointer authentication code (Arm ARM, D8.10).
  func strippedAddress(_ value: UInt64) -> Address {
    let mask = ~UInt64(0) << UInt64(environment.addressBits)
    return Address(value >> 55 & 1 == 1 ? value | mask : value & ~mask)
  }
}
