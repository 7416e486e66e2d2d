import Machine
import Testing

@testable import Debugger

@Suite struct BreakpointTests {
  let machine = FakeMachine([
    0x1000: FakeMachine.call(from: 0x1000, to: 0x2000), 0x1004: FakeMachine.nop,
    0x1008: FakeMachine.nop, 0x100c: FakeMachine.nop, 0x2000: FakeMachine.nop,
    0x2004: FakeMachine.ret,
  ])

  func add(_ session: Session, _ place: String, temporary: Bool = false) throws -> Int {
    try #require(
      try session.addBreakpoint(place, isTemporary: temporary, kind: .software).first
    ).number
  }

  @Test func twoAtOnePlaceAreOneInTheTarget() throws {
    let session = Session(target: machine)
    let (first, second) = (try add(session, "*0x1008"), try add(session, "*0x1008"))
    #expect(machine.inserted == [Address(0x1008)])
    let stop = try session.resume(seconds: 1)
    #expect(stop.breakpoints == [first, second])
    #expect(session.breakpoints.map(\.hitCount) == [1, 1])
    try session.removeBreakpoint(first)
    #expect(machine.removed.isEmpty)
    try session.removeBreakpoint(second)
    #expect(machine.removed == [Address(0x1008)])
    #expect(throws: SessionError.self) { try session.removeBreakpoint(second) }
  }

  @Test func temporaryOnesGoWhenHit() throws {
    let session = Session(target: machine)
    let number = try add(session, "*0x1004", temporary: true)
    #expect(try session.resume(seconds: 1).breakpoints == [number])
    #expect(session.breakpoints.isEmpty && machine.removed == [Address(0x1004)])
  }

  @Test func goingOnStepsOffTheBreakpointFirst() throws {
    let session = Session(target: machine)
    _ = try add(session, "*0x1000")
    let other = try add(session, "*0x1008")
    #expect(try session.resume(seconds: 1).breakpoints == [other])
    #expect(machine.resumptions == [.step(cpu: 0), .run])
    #expect(machine.general["pc"] == 0x1008)
  }

  @Test func nextGoesBehindTheCallAndLeavesNothing() throws {
    let session = Session(target: machine)
    _ = try session.stepInstruction(over: true)
    #expect(machine.general["pc"] == 0x1004)
    #expect(session.breakpoints.isEmpty && machine.removed == [Address(0x1004)])
    _ = try session.stepInstruction(over: true)
    #expect(machine.general["pc"] == 0x1008)
  }

  @Test func nextStopsAtABreakpointInsideOfTheCall() throws {
    let session = Session(target: machine)
    let inner = try add(session, "*0x2004")
    #expect(try session.stepInstruction(over: true).breakpoints == [inner])
    #expect(machine.general["pc"] == 0x2004)
  }

  @Test func closingTakesBreakpointsOut() throws {
    let session = Session(target: machine)
    _ = try add(session, "*0x1008")
    session.close()
    #expect(machine.removed == [Address(0x1008)] && machine.isClosed)
  }

  @Test func runningForgetsWhatWasRead() throws {
    let session = Session(target: machine)
    let before = session.generation.number
    #expect(try session.selection().registers["pc"] == 0x1000)
    _ = try session.stepInstruction(over: false)
    #expect(session.generation.number > before)
    #expect(try session.selection().registers["pc"] == 0x2000)
  }
}

@Suite struct TrapEntryCodeTests {
  /// sub sp, sp, #272; stp x0, x1, [sp]; mov x1, #2
  static let vector: [UInt32] = [0xd104_43ff, 0xa900_07e0, 0xd280_0041]

  @Test(arguments: [(0, false, []), (1, true, []), (2, true, [0, 1]), (3, true, [0, 1])])
  func aVectorSavesStepByStep(count: Int, isPushed: Bool, saved: [Int]) {
    let code = TrapEntryCode(Array(Self.vector.prefix(count)), isFramePushed: false)
    #expect(code.isFramePushed == isPushed)
    #expect(code.progress == .saving(Set(saved)))
  }

  @Test func behindTheCallTheFrameIsWholeUntilTheStackIsGivenBack() {
    // bl; ldp x0, x1, [sp]; add sp, sp, #272
    let words: [UInt32] = [0x9400_0001, 0xa940_07e0, 0x9104_43ff]
    let whole = TrapEntryCode(Array(words.prefix(2)), isFramePushed: true)
    #expect(whole.progress == .called && whole.isFramePushed)
    #expect(!TrapEntryCode(words, isFramePushed: true).isFramePushed)
  }
}
