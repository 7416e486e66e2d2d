import Binary

@testable import RemoteProtocol

/// A stub with acknowledgements, as QEMU's is made, behind a line that flips, drops and repeats.
///
/// One CPU; memory holds `byte(at:)`; a step adds 4 to the pc.
final class FaultyStub: Transport {
  /// Chances per byte, or per packet of the stub for `repetition`.
  struct Faults {
    var flip = 0.0
    var drop = 0.0
    var insertion = 0.0
    var repetition = 0.0
    /// Only of what the stub sends.
    var isOneWay = false
  }

  var faults = Faults()
  private(set) var programCounter: UInt64 = 0x1000
  private(set) var stepCount = 0
  private(set) var faultCount = 0
  private(set) var isRunning = false

  private var generator: Generator
  private var decoder = PacketDecoder()
  private var output: [UInt8] = []
  private var pending: [UInt8] = []

  init(seed: UInt64) { generator = Generator(state: seed) }

  static func byte(at address: UInt64) -> UInt8 {
    UInt8(truncatingIfNeeded: (address &* 0x9e37_79b9_7f4a_7c15) >> 56)
  }

  // MARK: Line

  func read(
    into buffer: inout [UInt8], deadline: ContinuousClock.Instant?, isInterruptible: Bool
  ) throws(SystemError) -> SocketStream.ReadOutcome {
    if !output.isEmpty {
      buffer += output
      output = []
      return .bytes
    }
    // Nothing comes by itself: the wait would be in vain.
    guard let deadline else { return .ended }
    while ContinuousClock.now < min(deadline, .now + .microseconds(200)) {}
    return ContinuousClock.now >= deadline ? .timedOut : .bytes
  }

  func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(SystemError) {
    for byte in faults.isOneWay ? bytes : disturbed(bytes) { take(byte) }
  }

  func close() {}

  private func disturbed(_ bytes: [UInt8]) -> [UInt8] {
    guard faults.flip + faults.drop + faults.insertion > 0 else { return bytes }
    var result: [UInt8] = []
    for byte in bytes {
      if happens(faults.drop) { continue }
      if happens(faults.insertion) { result.append(UInt8.random(in: 0...255, using: &generator)) }
      let bit: UInt8 = happens(faults.flip) ? 1 << UInt8.random(in: 0..<8, using: &generator) : 0
      result.append(byte ^ bit)
    }
    return result
  }

  private func happens(_ chance: Double) -> Bool {
    guard chance > 0, Double.random(in: 0..<1, using: &generator) < chance else { return false }
    faultCount += 1
    return true
  }

  // MARK: Stub

  private func take(_ byte: UInt8) {
    if isRunning {
      // Whatever comes stops QEMU.
      isRunning = false
      if byte == 3 { reply("T02thread:p01.01;") }
      return
    }
    decoder.receive([byte])
    while let event = decoder.next() {
      switch event {
      case .acknowledged: pending = []
      case .rejected: output += disturbed(pending)
      case .damaged, .malformed: output += disturbed([UInt8(ascii: "-")])
      case .notification: break
      case .packet(let payload):
        pending = []
        output += disturbed([UInt8(ascii: "+")])
        answer(text(payload))
      }
    }
  }

  private func reply(_ payload: String) {
    pending = ScriptedStub.frame(Array(payload.utf8))
    output += disturbed(pending)
    if happens(faults.repetition) { output += disturbed(pending) }
  }

  private static let description =
    "<target><architecture>aarch64</architecture><feature name=\"org.gnu.gdb.aarch64.core\">"
    + "<reg name=\"x0\" bitsize=\"64\"/><reg name=\"pc\" bitsize=\"64\"/></feature>"
    + "<feature name=\"org.qemu.gdb.arm.sys.regs\"><reg name=\"TTBR0_EL1\" bitsize=\"64\"/></feature>"
    + "</target>"

  private func answer(_ request: String) {
    let parts = request.split(separator: ",").map(String.init)
    if request.hasPrefix("qSupported") {
      reply("PacketSize=1000;qXfer:features:read+;vContSupported+;multiprocess+")
    } else if request.hasPrefix("qXfer:features:read:target.xml:"), parts.count == 2,
      let count = Int(parts[1], radix: 16),
      let offset = Int(parts[0].dropFirst("qXfer:features:read:target.xml:".count), radix: 16)
    {
      let rest = Self.description.dropFirst(offset)
      reply((rest.count > count ? "m" : "l") + rest.prefix(count))
    } else if request.hasPrefix("m"), parts.count == 2, let count = Int(parts[1], radix: 16),
      let address = UInt64(parts[0].dropFirst(), radix: 16), count <= 0x800
    {
      reply(text(Hex.encode((0..<UInt64(count)).map { Self.byte(at: address &+ $0) })))
    } else if request == "g" {
      let value = (0..<8).map { UInt8(truncatingIfNeeded: programCounter >> UInt64($0 * 8)) }
      reply("0100000000000000" + text(Hex.encode(value)))
    } else if request == "vCont;s:p1.1" {
      programCounter += 4
      stepCount += 1
      reply("T05thread:p01.01;")
    } else if request == "vCont;c" {
      isRunning = true
    } else {
      reply(Self.fixed[request] ?? "")
    }
  }

  private static let fixed = [
    "?": "T05thread:p01.01;", "vCont?": "vCont;c;C;s;S", "qfThreadInfo": "mp01.01",
    "qsThreadInfo": "l", "qqemu.PhyMemMode": "0", "Qqemu.PhyMemMode:0": "OK", "Hgp1.1": "OK",
    "p2": "8877665544332211", "qRcmd,\(text(Hex.encode("info mtree -f".utf8)))": "OK", "D;1": "OK",
    "qThreadExtraInfo,p1.1": "4350552330",
  ]
}

/// SplitMix64: the same faults for the same seed.
struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
