import Machine
import Symbols
public import Unwinder

extension Session {
  /// A frame in the kernel's trap entry has the registers of what it interrupted at its stack pointer;
  /// while the entry still saves them, some are only in the CPU.
  public func interruptedFrame(behind frame: Frame) -> Frame? {
    guard let layout = knowledge?.trapFrame, layout.byteCount <= 4096,
      let stackPointer = frame.registers[architecture.stackPointer],
      let entry = trapEntry(frame, layout)
    else { return nil }
    let code = frame.isExact ? progress(of: entry, at: frame) : nil
    let base = code?.isFramePushed == false ? stackPointer &- layout.byteCount : stackPointer
    var registers = RegisterValues()
    if case .saving(let saved)? = code?.progress, let live = liveRegisters(behind: frame) {
      registers = live
      let names = saved.union(savedBefore(entry, in: frame.space)).map { "x\($0)" }
      if !names.isEmpty, let kept = trapFrameRegisters(at: base, layout, in: frame.space) {
        for name in names { registers[name] = kept[name] }
      }
    } else {
      guard let kept = trapFrameRegisters(at: base, layout, in: frame.space) else { return nil }
      registers = kept
    }
    guard let pc = registers[architecture.programCounter] else { return nil }
    if isFromKernel(registers) {
      // The trap pushed its frame on the stack that it interrupted.
      registers[architecture.stackPointer] = base &+ layout.byteCount
    }
    return Frame(
      method: .trapFrame, pc: Address(pc), registers: registers, space: frame.space, cfa: nil,
      isExact: true)
  }

  public func isSwitchingThreads(_ frames: [Frame]) -> Bool {
    guard let functions = knowledge?.trapFrame?.switchFunctions, !functions.isEmpty else {
      return false
    }
    let start = frames.lastIndex { $0.method == .trapFrame } ?? frames.startIndex
    return frames[start...].contains { frame in
      let place = describe(frame.lookupAddress, in: frame.space)
      return functions.contains { name in
        place.container == name || place.inlined.contains { $0.qualifiedName == name }
      }
    }
  }

  private func trapFrameRegisters(
    at base: UInt64, _ layout: TrapFrameLayout, in space: AddressSpace
  ) -> RegisterValues? {
    guard
      let bytes = try? memory(in: space).read(Address(base), count: Int(layout.byteCount))
    else { return nil }
    var registers = RegisterValues()
    for (name, offset) in layout.offsets where offset &+ 8 <= layout.byteCount {
      registers[name] = bytes[Int(offset)...].littleEndianValue
    }
    return registers
  }

  /// The registers of a CPU that has just taken a trap: general ones are still its own, the others
  /// are where the architecture puts them (Arm ARM, D1.3.3); nil: the target does not show these.
  private func liveRegisters(behind frame: Frame) -> RegisterValues? {
    guard let cpu = walkedCPU, let pc = try? systemRegister("elr_el1", of: cpu),
      let state = try? systemRegister("spsr_el1", of: cpu)
    else { return nil }
    var registers = frame.registers
    registers[architecture.programCounter] = pc
    registers["cpsr"] = state
    registers[architecture.stackPointer] = (try? systemRegister("sp_el0", of: cpu)) ?? nil
    return registers
  }

  /// Whether a saved processor state is EL1 on its own stack: PSTATE.M = EL1h (Arm ARM, C5.2.19).
  private func isFromKernel(_ registers: RegisterValues) -> Bool {
    registers["cpsr"].map { $0 & 0xf == 5 } ?? false
  }

  /// Code that runs with the trap frame at the stack pointer, or is about to.
  private struct TrapEntry {
    let start: Address
    /// In the architecture's table of vectors, not yet in the code that they branch to.
    let isVector: Bool
    let byteCount: UInt64
  }

  /// The vectors are 16 pieces of 128 bytes (Arm ARM, D1.3.1.5).
  private static var vectorByteCount: UInt64 { 128 }

  private func trapEntry(_ frame: Frame, _ layout: TrapFrameLayout) -> TrapEntry? {
    guard let loaded = image(at: frame.lookupAddress, in: frame.space), loaded.binding == .kernel
    else { return nil }
    let address = loaded.fileAddress(of: frame.lookupAddress)
    if let symbol = loaded.image.symbol(containing: address),
      layout.entrySymbols.contains(symbol.name)
    {
      return TrapEntry(
        start: loaded.address(of: symbol.address), isVector: false, byteCount: symbol.byteCount)
    }
    guard frame.isExact, let cpu = walkedCPU,
      let vectors = try? systemRegister("vbar_el1", of: cpu),
      frame.pc.rawValue &- vectors < 16 * Self.vectorByteCount
    else { return nil }
    let start = frame.pc.rawValue & ~(Self.vectorByteCount - 1)
    return TrapEntry(start: Address(start), isVector: true, byteCount: Self.vectorByteCount)
  }

  private func code(of entry: TrapEntry, before end: Address, in space: AddressSpace) -> [UInt32]? {
    let count = end.rawValue &- entry.start.rawValue
    guard count <= 4096 else { return nil }
    guard count > 0 else { return [] }
    return (try? memory(in: space).read(entry.start, count: Int(count))).map { bytes in
      stride(from: 0, to: bytes.count & ~3, by: 4).map {
        UInt32(truncatingIfNeeded: bytes[$0..<$0 + 4].littleEndianValue)
      }
    }
  }

  /// What an innermost frame's entry has done so far; nil: not known.
  private func progress(of entry: TrapEntry, at frame: Frame) -> TrapEntryCode? {
    code(of: entry, before: frame.pc, in: frame.space).map {
      TrapEntryCode($0, isFramePushed: !entry.isVector)
    }
  }

  /// Registers that the vectors have saved before they branch here: those that this code does not.
  private func savedBefore(_ entry: TrapEntry, in space: AddressSpace) -> Set<Int> {
    guard !entry.isVector else { return [] }
    let end = entry.start + min(entry.byteCount, 4096)
    guard let words = code(of: entry, before: end, in: space),
      let call = words.firstIndex(where: { AArch64Instruction($0).isCall }),
      case .saving(let own) = TrapEntryCode(Array(words[..<call]), isFramePushed: true).progress
    else { return [] }
    return Set(0...30).subtracting(own)
  }
}
