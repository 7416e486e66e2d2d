import Machine
import Testing

@testable import RemoteProtocol

extension TargetTests {
  /// Many reads under way at once over a line that repeats and loses packets.
  @Suite struct PipelineTests {
    @Test(arguments: 0..<4)
    func aReplyThatComesTwiceNeverStandsForTheNext(seed: Int) throws {
      let stub = FaultyStub(seed: UInt64(seed))
      let link = RemoteLink(stub, peer: "the stub")
      link.limits.replyTimeout = .milliseconds(8)
      link.limits.quietTime = .milliseconds(1)
      let target = try RemoteTarget(attaching: link)
      #expect(link.mayPipeline)
      stub.faults.repetition = 0.02
      stub.faults.drop = 0.00001
      let memory = try #require(target.memory(of: 0))
      var readCount = 0
      for round in 0..<2 {
        let address = UInt64(round) * 0x10_0000 + 0x40
        guard let bytes = try? memory.read(Address(address), count: 0x1_0000) else { continue }
        readCount += 1
        #expect(bytes == (0..<0x1_0000).map { FaultyStub.byte(at: address + UInt64($0)) })
      }
      #expect(stub.faultCount > 0)
      #expect(readCount > 0)
    }
  }
}
