import DWARF
import Machine
import TestSupport
import Testing

@testable import Unwinder

/// Code at 0x1000..<0x5000; rows by function; a trap entry at 0x4000..<0x4100.
private final class FakeEnvironment: UnwindEnvironment {
  let architecture = Architecture.aarch64
  let addressBits = 39
  let stack = FakeMemory()
  var rows: [Range<UInt64>: UnwindRow] = [:]

  func memory(in space: AddressSpace) -> any MemoryReader { stack }
  func unwindRow(at address: Address, in space: AddressSpace) -> UnwindRow? {
    rows.first { $0.key.contains(address.rawValue) }?.value
  }
  func interruptedFrame(behind frame: Frame) -> Frame? {
    guard (0x4000..<0x4100).contains(frame.lookupAddress.rawValue), let sp = frame.registers["sp"]
    else { return nil }
    var registers = RegisterValues()
    registers["pc"] = try? stack.readUnsigned(Address(sp), byteCount: 8)
    registers["sp"] = try? stack.readUnsigned(Address(sp + 8), byteCount: 8)
    registers["x29"] = 0
    registers["x30"] = 0x1100
    guard let pc = registers["pc"] else { return nil }
    return Frame(
      method: .trapFrame, pc: Address(pc), registers: registers, space: frame.space, cfa: nil,
      isExact: true)
  }
  var isSwitching = false
  func isSwitchingThreads(_ frames: [Frame]) -> Bool { isSwitching }
  func isCode(_ address: Address, in space: AddressSpace) -> Bool {
    (0x1000..<0x5000).contains(address.rawValue)
  }
  func evaluate(_ expression: [UInt8], cfa: UInt64?, in frame: Frame) -> UInt64? {
    expression == [1] ? (cfa ?? frame.registers["sp"]).map { $0 + 0x20 } : nil
  }

  /// A row like those of `stp x29, x30, [sp, #-size]!`.
  func addStandardRow(_ range: Range<UInt64>, frameByteCount: Int64) {
    rows[range] = UnwindRow(
      cfa: .register(31, offset: frameByteCount),
      rules: [29: .offset(-frameByteCount), 30: .offset(-frameByteCount + 8)],
      returnAddressRegister: 30,
      function: FileAddress(range.lowerBound)..<FileAddress(range.upperBound))
  }
}

@Suite struct StackWalkTests {
  private let environment = FakeEnvironment()

  private func walk(_ registers: [String: UInt64], limit: Int = 16) -> Backtrace {
    StackWalk(in: environment)
      .backtrace(from: RegisterValues(registers), in: .kernel, limit: limit)
  }

  @Test func followsCallFrameInformation() {
    environment.addStandardRow(0x1000..<0x1100, frameByteCount: 0x20)
    environment.addStandardRow(0x1100..<0x1200, frameByteCount: 0x10)
    environment.stack.write(0x9110, at: 0x9000)
    // A signed return address: the signature stands above bit 39.
    environment.stack.write(0x0012_3480_0000_1150, at: 0x9008)
    environment.stack.write(0, at: 0x9020)
    environment.stack.write(0, at: 0x9028)
    let trace = walk(["pc": 0x1010, "sp": 0x9000, "x19": 7, "x0": 5])
    #expect(trace.frames.map(\.pc.rawValue) == [0x1010, 0x1150])
    #expect(trace.frames.map(\.method) == [.registers, .callFrameInformation])
    #expect(trace.end == .bottom)
    let caller = trace.frames[1]
    #expect(caller.registers["x29"] == 0x9110)
    #expect(caller.registers["sp"] == 0x9020)
    #expect(caller.registers["x19"] == 7)
    // Not preserved across calls, so nobody knows it any more.
    #expect(caller.registers["x0"] == nil)
    #expect(caller.lookupAddress == Address(0x114f))
  }

  @Test func crossesATrapWithExactAddresses() {
    environment.addStandardRow(0x1000..<0x1100, frameByteCount: 0x10)
    environment.stack.write(0, at: 0x9000)
    environment.stack.write(0x4010, at: 0x9008)
    environment.stack.write(0x2004, at: 0x9010)
    environment.stack.write(0x500, at: 0x9018)
    environment.rows[0x2000..<0x2100] = UnwindRow(
      cfa: .register(31, offset: 0), rules: [:], returnAddressRegister: 30,
      function: FileAddress(0x2000)..<FileAddress(0x2100))
    let trace = walk(["pc": 0x1010, "sp": 0x9000], limit: 4)
    #expect(trace.frames.map(\.pc.rawValue) == [0x1010, 0x4010, 0x2004, 0x1100])
    #expect(trace.frames[2].method == .trapFrame)
    #expect(trace.frames[2].lookupAddress == Address(0x2004))
    // The interrupted leaf function returns through its link register.
    #expect(trace.frames[3].method == .callFrameInformation)
  }

  @Test func trustsNoTrapFrameWhileThreadsAreChanged() {
    environment.stack.write(0x2004, at: 0x9010)
    environment.stack.write(0x500, at: 0x9018)
    environment.isSwitching = true
    let trace = walk(["pc": 0x4010, "sp": 0x9010])
    #expect(trace.frames.map(\.pc.rawValue) == [0x4010])
    #expect(trace.end == .switchingThreads)
  }

  @Test func followsFramePointersWithoutInformation() {
    environment.stack.write(0x9040, at: 0x9020)
    environment.stack.write(0x1208, at: 0x9028)
    environment.stack.write(0, at: 0x9040)
    environment.stack.write(0, at: 0x9048)
    let trace = walk(["pc": 0x1010, "sp": 0x9000, "x29": 0x9020])
    #expect(trace.frames.map(\.pc.rawValue) == [0x1010, 0x1208])
    #expect(trace.frames[1].method == .framePointer)
    #expect(trace.end == .bottom)
  }

  @Test func usesTheLinkRegisterOnlyInnermost() {
    let trace = walk(["pc": 0x1010, "sp": 0x9000, "x29": 0, "x30": 0x1204])
    #expect(trace.frames.map(\.method) == [.registers, .linkRegister])
    #expect(trace.end == .noRule(Address(0x1204)))
  }

  @Test func saysWhatItCannotRead() {
    environment.addStandardRow(0x1000..<0x1100, frameByteCount: 0x20)
    let trace = walk(["pc": 0x1010, "sp": 0x9000])
    #expect(trace.frames.count == 1)
    #expect(trace.end == .unreadable(MemoryError(Address(0x9000), .notMapped(level: 3))))
  }

  @Test func endsWhereAFrameIsItsOwnCaller() {
    // CFA = sp and the return address is in x30, which nothing changes: a loop in broken tables.
    environment.rows[0x1000..<0x1100] = UnwindRow(
      cfa: .register(31, offset: 0), rules: [:], returnAddressRegister: 30,
      function: FileAddress(0x1000)..<FileAddress(0x1100))
    let trace = walk(["pc": 0x1010, "sp": 0x9000, "x30": 0x1020])
    #expect(trace.frames.count == 2)
    #expect(trace.end == .didNotAdvance)
  }

  @Test func stopsAtTheLimit() {
    environment.addStandardRow(0x1000..<0x1100, frameByteCount: 0x10)
    for address in stride(from: UInt64(0x9000), to: 0xb000, by: 16) {
      environment.stack.write(0, at: address)
      environment.stack.write(0x1050, at: address + 8)
    }
    let trace = walk(["pc": 0x1010, "sp": 0x9000], limit: 100)
    #expect(trace.frames.count == 100)
    #expect(trace.end == .limit(100))
  }

  @Test func evaluatesExpressions() {
    environment.rows[0x1000..<0x1100] = UnwindRow(
      cfa: .expression([1]), rules: [30: .valueExpression([1]), 29: .expression([1])],
      returnAddressRegister: 30, function: FileAddress(0x1000)..<FileAddress(0x1100))
    environment.stack.write(0x77, at: 0x9040)
    let trace = walk(["pc": 0x1010, "sp": 0x9000])
    #expect(trace.frames[0].cfa == Address(0x9020))
    #expect(trace.frames[1].registers["x29"] == 0x77)
    #expect(trace.frames[1].pc == Address(0x9040))
  }

  @Test func undefinedReturnAddressIsTheBottom() {
    environment.rows[0x1000..<0x1100] = UnwindRow(
      cfa: .register(31, offset: 0), rules: [30: .undefined], returnAddressRegister: 30,
      function: FileAddress(0x1000)..<FileAddress(0x1100))
    let trace = walk(["pc": 0x1010, "sp": 0x9000, "x30": 0x1050])
    #expect(trace.frames.count == 1)
    #expect(trace.end == .bottom)
  }
}
