import Machine
import TestSupport

/// A CPU that executes NOP, BL and RET from its memory, with breakpoints; records what was asked.
final class FakeMachine: Target, Execution, BreakpointControl {
  let summary = "fake machine"
  let architecture = Architecture.aarch64
  let code = FakeMemory()
  var general = RegisterValues()
  private(set) var resumptions: [Resumption] = []
  private(set) var inserted: [Address] = []
  private(set) var removed: [Address] = []
  private(set) var isClosed = false
  private(set) var stopCount = 0
  let isRunning = false
  let wasRunningAtAttach = false
  var breakpoints: (any BreakpointControl)? { self }
  var monitor: (any Monitor)? { nil }
  var execution: (any Execution)? { self }
  var physicalMemory: (any PhysicalMemory)?
  var lastKnownRegisters: [Int: RegisterValues] { [0: general] }
  var registerDescriptions: [Register] { architecture.registers }

  static let nop: UInt64 = 0xd503_201f
  static let ret: UInt64 = 0xd65f_03c0

  init(_ words: [UInt64: UInt64]) {
    for (address, word) in words { code.write(word, byteCount: 4, at: address) }
    general["pc"] = 0x1000
    general["sp"] = 0x8000
  }

  static func call(from: UInt64, to: UInt64) -> UInt64 {
    0x9400_0000 | (to &- from) / 4 & 0x3ff_ffff
  }

  func cpus() throws(TargetError) -> [CPU] { [CPU(id: 0, detail: "")] }
  func registers(of cpu: Int) throws(TargetError) -> RegisterValues { general }
  func register(_ name: String, of cpu: Int) throws(TargetError) -> UInt64? { nil }
  func memory(of cpu: Int) -> (any MemoryReader)? { code }
  func close() { isClosed = true }

  func resume(_ how: Resumption) throws(TargetError) {
    resumptions.append(how)
    if case .step = how { return execute() }
    // Like QEMU: a breakpoint where it stands is hit at once.
    for _ in 0..<1000 where !standsAtBreakpoint { execute() }
  }

  func waitForStop(seconds: Double?) throws(TargetError) -> StopReason? {
    stopCount += 1
    return StopReason(.trap, cpu: 0)
  }
  func interrupt() throws(TargetError) {}
  func writeRegister(_ name: String, value: UInt64, of cpu: Int) throws(TargetError) {}
  func insert(_ kind: BreakpointKind, at address: Address) throws(TargetError) {
    inserted.append(address)
  }
  func remove(_ kind: BreakpointKind, at address: Address) throws(TargetError) {
    removed.append(address)
  }

  private var pc: UInt64 { general["pc"] ?? 0 }
  private var standsAtBreakpoint: Bool {
    let here = Address(pc)
    return inserted.filter { $0 == here }.count > removed.filter { $0 == here }.count
  }

  private func execute() {
    let word = (try? code.readUnsigned(Address(pc), byteCount: 4)) ?? Self.nop
    if word == Self.ret {
      general["pc"] = general["x30"]
    } else if word & 0xfc00_0000 == 0x9400_0000 {
      general["x30"] = pc + 4
      general["pc"] = pc &+ (word & 0x3ff_ffff) * 4
    } else {
      general["pc"] = pc + 4
    }
  }
}
