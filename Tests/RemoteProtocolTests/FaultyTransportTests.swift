import Binary
import Testing

@testable import RemoteProtocol

@Suite struct FaultyTransportTests {
  private static let packet = Array("$m40080000,40#xx".utf8)

  private func line(_ text: String, stream: UInt64 = 0) throws -> FaultyLine {
    FaultyLine(try #require(FaultPlan(parsing: text)), stream: stream)
  }

  private func carried(_ line: inout FaultyLine, _ bytes: [UInt8]) -> [UInt8] {
    line.carry(bytes).flatMap(\.bytes)
  }

  @Test func aPlanIsReadOrRefused() throws {
    let plan = try #require(FaultPlan(parsing: "flip=0.01,pdup=0.05,ackdrop=1,seed=9,baud=9600"))
    #expect(plan.flip == 0.01 && plan.packetDuplicate == 0.05 && plan.acknowledgementDrop == 1)
    #expect(plan.seed == 9 && plan.baud == 9600)
    for text in ["flip", "flip=2", "flip=-1", "x=1", "seed=a", "baud=0", "direction=up"] {
      #expect(FaultPlan(parsing: text) == nil, "\(text)")
    }
  }

  @Test func aCleanLineChangesNothing() throws {
    var line = try line("seed=3")
    var output: [UInt8] = []
    for byte in Self.packet + [3] + Self.packet { output += carried(&line, [byte]) }
    #expect(output == Self.packet + [3] + Self.packet)
    #expect(line.faultCount == 0)
  }

  @Test func theSeedDecides() throws {
    let noisy = "flip=0.1,drop=0.1,dup=0.1,insert=0.1"
    var runs: [[UInt8]] = []
    for seed in [1, 1, 2] {
      var line = try line(noisy + ",seed=\(seed)")
      runs.append((0..<50).flatMap { _ in carried(&line, Self.packet) })
    }
    #expect(runs[0] == runs[1])
    #expect(runs[0] != runs[2])
  }

  /// The counts are those of the chances: within five standard deviations.
  @Test(arguments: [("flip=0.01", 160), ("drop=0.01", 160), ("dup=0.01", 160), ("pdup=0.1", 100)])
  func chancesAreKept(text: String, expected: Int) throws {
    var line = try line(text + ",seed=5")
    for _ in 0..<1000 { _ = line.carry(Self.packet) }
    #expect(abs(line.faultCount - expected) < 65)
  }

  @Test func packetsAndAcknowledgementsAreLostWhole() throws {
    var lost = try line("pdrop=1")
    #expect(carried(&lost, [0x2b] + Self.packet + [0x2b]) == [0x2b, 0x2b])
    var acks = try line("ackdrop=1")
    #expect(carried(&acks, [0x2b] + Self.packet + [0x2b]) == Self.packet)
    var twice = try line("pdup=1")
    #expect(carried(&twice, [0x2b] + Self.packet) == [0x2b] + Self.packet + Self.packet)
    var spared = try line("pdrop=1,skip=16")
    #expect(carried(&spared, Self.packet + Self.packet) == Self.packet)
  }

  @Test func splitsCutsAndSpeed() throws {
    let (near, far) = try SocketStream.pair()
    let plan = try #require(FaultPlan(parsing: "split=3,cut=10,baud=9600"))
    let transport = FaultyTransport(SocketTransport(near), plan)
    try far.write(Self.packet, deadline: .now + .seconds(1))
    let start = ContinuousClock.now
    var parts: [[UInt8]] = []
    while true {
      var part: [UInt8] = []
      let outcome = try transport.read(
        into: &part, deadline: .now + .seconds(1), isInterruptible: false)
      guard outcome == .bytes else {
        #expect(outcome == .ended)
        break
      }
      parts.append(part)
    }
    #expect(parts.allSatisfy { $0.count <= 3 })
    #expect(parts.flatMap(\.self) == Array(Self.packet.prefix(10)))
    // Ten bytes are a hundred bits.
    #expect(ContinuousClock.now - start >= .milliseconds(9))
    #expect(throws: SystemError.self) { try transport.write([1], deadline: .now) }
  }

  @Test func whatIsLateComesLate() throws {
    let (near, far) = try SocketStream.pair()
    let plan = try #require(FaultPlan(parsing: "late=1,delay=30,direction=fromStub"))
    let transport = FaultyTransport(SocketTransport(near), plan)
    try far.write(Self.packet, deadline: .now + .seconds(1))
    var bytes: [UInt8] = []
    let early = try transport.read(
      into: &bytes, deadline: .now + .milliseconds(5), isInterruptible: false)
    #expect(early == .timedOut)
    #expect(
      try transport.read(into: &bytes, deadline: .now + .seconds(1), isInterruptible: false)
        == .bytes)
    #expect(bytes == Self.packet)
  }
}
