import Machine
import TestSupport
import Testing

@testable import Debugger

@Suite struct ReconnectionTests {
  private let old = FakeMachine([0x1000: FakeMachine.nop])
  private let new = FakeMachine([0x1000: FakeMachine.nop])

  private func memory(_ bytes: [UInt8]) -> FakePhysicalMemory {
    let memory = FakePhysicalMemory(ranges: [PhysicalAddress(0)..<PhysicalAddress(0x4000)])
    memory.write(bytes, at: 0x1000)
    return memory
  }

  /// A session with a breakpoint that has read a page of the old machine.
  private func session() throws -> Session {
    old.physicalMemory = memory([1, 2, 3, 4])
    let session = Session(target: old)
    _ = try session.addBreakpoint("*0x2000", isTemporary: false, kind: .hardware)
    _ = try session.physical?.read(PhysicalAddress(0x1000), count: 4)
    return session
  }

  @Test func theSameTargetGetsItsBreakpointsBack() throws {
    new.physicalMemory = memory([1, 2, 3, 4])
    let session = try session()
    let stops = session.stopCount
    let result = try session.reconnect { new }
    #expect(old.isClosed)
    #expect(session.target === new)
    #expect(result.comparison == .unchanged)
    #expect(result.sampleCount == 1)
    #expect(result.restored == [1])
    #expect(new.inserted == [Address(0x2000)])
    #expect(session.breakpoints.map(\.number) == [1])
    #expect(session.stopCount >= stops)
  }

  @Test func memoryThatDiffersIsNoProof() throws {
    new.physicalMemory = memory([1, 2, 9, 4])
    let session = try session()
    let result = try session.reconnect { new }
    let reason = "no image proves its code; memory at 0x0000001000 has changed"
    #expect(result.comparison == .unproved(reason))
    #expect(result.restored.isEmpty)
    #expect(result.dropped == [.init(number: 1, reason: reason)])
    #expect(new.inserted.isEmpty && session.breakpoints.isEmpty)
    // What was kept of the old target is forgotten.
    #expect(try session.physical?.read(PhysicalAddress(0x1002), count: 1) == [9])
  }

  @Test func aCPUThatStandsElsewhereIsNoProof() throws {
    new.physicalMemory = memory([1, 2, 3, 4])
    new.general["pc"] = 0x1004
    let result = try session().reconnect { new }
    guard case .unproved(let reason) = result.comparison else {
      Issue.record("\(result.comparison)")
      return
    }
    #expect(reason.contains("CPU 0 is at 0x0000000000001004, not 0x0000000000001000"))
    #expect(new.inserted.isEmpty)
  }

  @Test func aConnectionThatFailsLeavesTheOldTargetClosed() throws {
    let session = try session()
    #expect(throws: SessionError.self) {
      try session.reconnect { () throws(SessionError) in throw SessionError("nobody listens") }
    }
    #expect(session.target === old && old.isClosed)
    #expect(session.breakpoints.map(\.number) == [1])
  }
}
