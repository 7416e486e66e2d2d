import Machine
import Testing

@testable import RemoteProtocol

extension TargetTests {
  /// Over a bad line every answer is right or an error, and no instruction runs twice.
  @Suite struct FaultTests {
    /// What became of the operations of one session.
    struct Tally {
      var right = 0
      var refused = 0
      var wrong: [String] = []
    }

    static let cases: [(name: String, faults: FaultyStub.Faults)] = [
      ("clean", .init()),
      ("0.1 % of bytes flipped", .init(flip: 0.001)),
      ("0.1 % of bytes lost", .init(drop: 0.001)),
      ("0.1 % of bytes inserted", .init(insertion: 0.001)),
      ("5 % of packets repeated", .init(repetition: 0.05)),
      ("20 % of packets repeated", .init(repetition: 0.2)),
      ("0.5 % flipped by the stub's side", .init(flip: 0.005, isOneWay: true)),
      ("all of it", .init(flip: 0.001, drop: 0.001, insertion: 0.001, repetition: 0.05)),
    ]

    @Test(arguments: cases.indices)
    func nothingWrongIsSaid(index: Int) throws {
      var total = Tally()
      var faultCount = 0
      for seed in 0..<4 {
        let stub = FaultyStub(seed: UInt64(index * 1000 + seed))
        let link = RemoteLink(stub, peer: "the stub")
        link.limits.replyTimeout = .milliseconds(8)
        link.limits.quietTime = .milliseconds(1)
        let target = try RemoteTarget(attaching: link)
        target.session.interruptSeconds = 0.01
        stub.faults = Self.cases[index].faults
        let tally = session(target, stub, seed: UInt64(seed))
        total.right += tally.right
        total.refused += tally.refused
        total.wrong += tally.wrong.map { "seed \(seed): \($0)" }
        faultCount += stub.faultCount
      }
      #expect(total.wrong == [])
      #expect(total.right > total.refused * 2, "\(Self.cases[index].name): \(total)")
      #expect(faultCount > 0 || index == 0)
      #expect(total.refused == 0 || index != 0)
    }

    private func session(_ target: RemoteTarget, _ stub: FaultyStub, seed: UInt64) -> Tally {
      var tally = Tally()
      var generator = Generator(state: ~seed)
      for operation in 0..<48 {
        do {
          if operation % 6 == 5 {
            try step(target, stub, &tally)
          } else {
            try read(target, &generator, &tally)
          }
          tally.right += 1
        } catch {
          tally.refused += 1
          stop(target)
        }
      }
      return tally
    }

    private func read(
      _ target: RemoteTarget, _ generator: inout Generator, _ tally: inout Tally
    ) throws {
      let address = UInt64.random(in: 0...0xffff, using: &generator)
      // Equal lengths are what makes one reply look like the answer to another question.
      let count = Bool.random(using: &generator) ? 8 : Int.random(in: 1...600, using: &generator)
      let bytes = try #require(target.memory(of: 0)).read(Address(address), count: count)
      let expected = (0..<UInt64(count)).map { FaultyStub.byte(at: address + $0) }
      if bytes != expected { tally.wrong.append("\(count) bytes at \(address)") }
    }

    private func step(_ target: RemoteTarget, _ stub: FaultyStub, _ tally: inout Tally) throws {
      let before = stub.stepCount
      try target.resume(.step(cpu: 0))
      let stop = try target.waitForStop(seconds: 0.05)
      if stub.stepCount > before + 1 {
        tally.wrong.append("\(stub.stepCount - before) steps at once")
      }
      guard stop != nil else { throw TargetError(.timedOut, "no stop") }
      if stub.stepCount != before + 1 { tally.wrong.append("a stop without a step") }
      let counter = try target.registers(of: 0)["pc"]
      if counter != stub.programCounter { tally.wrong.append("pc \(String(describing: counter))") }
    }

    /// What a user does when nothing comes: interrupt, and look again.
    private func stop(_ target: RemoteTarget) {
      for _ in 0..<5 where target.isRunning {
        try? target.interrupt()
        _ = try? target.waitForStop(seconds: nil)
      }
    }
  }
}
