import Testing

@testable import RemoteProtocol

@Suite struct PacketDecoderTests {
  private func events(_ text: String, limit: Int = 1 << 20) -> [PacketDecoder.Event] {
    events(Array(text.utf8), limit: limit)
  }

  private func events(_ bytes: [UInt8], limit: Int = 1 << 20) -> [PacketDecoder.Event] {
    var decoder = PacketDecoder()
    decoder.byteLimit = limit
    decoder.receive(bytes)
    var events: [PacketDecoder.Event] = []
    while let event = decoder.next() { events.append(event) }
    return events
  }

  private func packet(_ body: String) -> String {
    text(ScriptedStub.frame(Array(body.utf8)))
  }

  @Test(arguments: [
    ("OK", "OK"), ("", ""), ("0*~", String(repeating: "0", count: 98)),
    ("0* ab", "0000ab"), ("}\u{3}", "#"), ("}\u{4}}]}\n", "$}*"), ("1*\"2*\"", "111111222222"),
  ])
  func expands(body: String, payload: String) {
    #expect(events(packet(body)) == [.packet(Array(payload.utf8))])
  }

  @Test(arguments: ["*!", "0*", "ab}", "0*\u{1f}", "0*\u{7f}"])
  func malformedBodies(body: String) {
    let found = events(packet(body))
    #expect(found.count == 1)
    guard case .malformed? = found.first else {
      Issue.record("\(found)")
      return
    }
  }

  @Test func sums() {
    #expect(events("$OK#9a") == [.packet(Array("OK".utf8))])
    #expect(events("$OK#9A") == [.packet(Array("OK".utf8))])
    #expect(events("$OK#9b") == [.damaged])
    #expect(events("$OK#zz") == [.damaged])
    #expect(events("$#00") == [.packet([])])
    // Two flips that cancel out pass: the sum cannot tell.
    #expect(events("$NL#9a") == [.packet(Array("NL".utf8))])
  }

  @Test func acknowledgementsAndNoise() {
    var decoder = PacketDecoder()
    decoder.receive(Array("+-\r\nboot log\u{0}\u{3}$OK#9a+".utf8))
    var events: [PacketDecoder.Event] = []
    while let event = decoder.next() { events.append(event) }
    #expect(events == [.acknowledged, .rejected, .packet(Array("OK".utf8)), .acknowledged])
    #expect(decoder.noiseByteCount == 12)
  }

  @Test func everyByteOutsideOfPacketsIsHarmless() {
    for byte in UInt8.min...UInt8.max where byte != UInt8(ascii: "$") && byte != UInt8(ascii: "%") {
      let found = events([byte] + Array("$OK#9a".utf8))
      #expect(found.last == .packet(Array("OK".utf8)), "\(byte)")
    }
  }

  @Test func aLostEndCostsOnePacket() {
    #expect(events("$1234$OK#9a") == [.damaged, .packet(Array("OK".utf8))])
  }

  @Test func notifications() {
    #expect(events("%Stop:T05#99") == [.notification(Array("Stop:T05".utf8))])
    #expect(events("%Stop:T05#00$OK#9a") == [.packet(Array("OK".utf8))])
    #expect(events("%noise$OK#9a") == [.packet(Array("OK".utf8))])
  }

  @Test func largePacketsAreCut() {
    let large = "$" + String(repeating: "a", count: 5000)
    #expect(events(large + "#00$OK#9a", limit: 4096) == [.damaged, .packet(Array("OK".utf8))])
  }

  @Test func repetitionsCannotExplode() {
    let bomb = packet(String(repeating: "0*~", count: 1000))
    let found = events(bomb, limit: 4096)
    #expect(found == [.malformed("expands to more than 4096 bytes")])
  }

  @Test(arguments: 1...20)
  func cutAnywhereIsTheSame(size: Int) {
    let bytes = Array("+$0*!1#ac+noise%x#00$E14#aa-$}\u{3}#80".utf8)
    var whole = PacketDecoder()
    whole.receive(bytes)
    var cut = PacketDecoder()
    var fromCut: [PacketDecoder.Event] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      cut.receive(Array(bytes[start..<min(start + size, bytes.count)]))
      while let event = cut.next() { fromCut.append(event) }
    }
    var fromWhole: [PacketDecoder.Event] = []
    while let event = whole.next() { fromWhole.append(event) }
    #expect(fromCut == fromWhole)
    #expect(fromWhole.count >= 5)
  }

  @Test func encodingRoundTrips() {
    var generator = SystemRandomNumberGenerator()
    for count in 0..<64 {
      let payload = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
      #expect(events(PacketEncoder.encode(payload)) == [.packet(payload)])
    }
    let all = Array(UInt8.min...UInt8.max)
    #expect(events(PacketEncoder.encode(all)) == [.packet(all)])
  }
}
