import Binary

@testable import RemoteProtocol

/// Replays a conversation: `-> ` lines must come from the client, `<- ` lines are then sent.
///
///     -> $m1000,4         a packet, its frame and sum left out
///     -> +                an acknowledgement (only where `checksAcknowledgements`)
///     -> -                a rejection
///     -> ^C               the break byte
///     <- $00000000        a packet
///     <- !$ab#00          bytes as they stand; `\xNN` for others
///     <~ $OK              sent only after the client has waited in vain once
///     <- eof              the stub closes
///
/// Lines before the first `-> ` are sent at once. Blank lines and `//` lines count for nothing.
final class ScriptedStub: Transport {
  private enum Line {
    case expected(String)
    case sent([UInt8])
    case late([UInt8])
    case end
  }

  /// What went wrong: packets that the script did not want.
  private(set) var mismatches: [String] = []
  /// Every acknowledgement and rejection, as `+` and `-`.
  private(set) var acknowledgements = ""
  private(set) var isClosed = false
  /// Sends no more than so many bytes a read.
  var readLimit = Int.max

  private var lines: [Line]
  private var output: [UInt8] = []
  private var hasEnded = false
  private var decoder = PacketDecoder()

  init(_ script: String) {
    lines = script.split(whereSeparator: \.isNewline).compactMap { line in
      let line = line.drop { $0 == " " }
      if line.hasPrefix("-> ") { return .expected(String(line.dropFirst(3))) }
      if line == "<- eof" { return .end }
      if line.hasPrefix("<- ") { return .sent(Self.bytes(line.dropFirst(3))) }
      if line.hasPrefix("<~ ") { return .late(Self.bytes(line.dropFirst(3))) }
      return nil
    }
    proceed()
  }

  /// Whether the whole script was played and nothing else came.
  var isFinished: Bool { lines.isEmpty && mismatches.isEmpty }

  /// What is left, for messages.
  var rest: String { "\(mismatches) \(lines)" }

  private static func bytes(_ text: Substring) -> [UInt8] {
    if text.hasPrefix("$") { return frame(Array(text.dropFirst().utf8)) }
    var bytes: [UInt8] = []
    var rest = Array(text.drop { $0 == "!" }.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x") {
        bytes.append(UInt8(hexNumber(rest.dropFirst().prefix(2)) ?? 0))
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return bytes
  }

  /// A packet as it stands on the line; what is in `payload` is not escaped.
  static func frame(_ payload: [UInt8]) -> [UInt8] {
    let sum = payload.reduce(UInt8(0), &+)
    return [UInt8(ascii: "$")] + payload
      + [UInt8(ascii: "#"), Hex.digit(sum >> 4), Hex.digit(sum & 15)]
  }

  private func proceed() {
    while let line = lines.first {
      switch line {
      case .sent(let bytes): output += bytes
      case .end: hasEnded = true
      case .expected, .late: return
      }
      lines.removeFirst()
    }
  }

  private func came(_ what: String) {
    guard case .expected(let wanted)? = lines.first else {
      mismatches.append("unwanted \(what)")
      return
    }
    lines.removeFirst()
    if wanted != what { mismatches.append("\(what) instead of \(wanted)") }
    proceed()
  }

  func read(
    into buffer: inout [UInt8], deadline: ContinuousClock.Instant?, isInterruptible: Bool
  ) throws(SystemError) -> SocketStream.ReadOutcome {
    if !output.isEmpty {
      let count = min(readLimit, output.count)
      buffer += output[..<count]
      output.removeFirst(count)
      return .bytes
    }
    if hasEnded { return .ended }
    if let deadline, deadline <= .now { return .timedOut }
    if case .late(let bytes)? = lines.first {
      lines.removeFirst()
      output += bytes
      proceed()
    }
    guard let deadline else { return .ended }
    while ContinuousClock.now < deadline {}
    return .timedOut
  }

  func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(SystemError) {
    for byte in bytes {
      if byte == 3, !decoder.isInsidePacket { came("^C") }
      decoder.receive([byte])
      while let event = decoder.next() {
        switch event {
        case .acknowledged: acknowledgements += "+"
        case .rejected:
          acknowledgements += "-"
          if case .expected("-")? = lines.first { came("-") }
        case .packet(let payload): came("$" + text(payload))
        default: mismatches.append("\(event)")
        }
      }
    }
  }

  func close() { isClosed = true }
}

extension RemoteLink {
  /// A link to a script, with waits short enough for a test.
  static func scripted(_ stub: ScriptedStub) -> RemoteLink {
    let link = RemoteLink(stub, peer: "the script")
    link.limits.replyTimeout = .milliseconds(60)
    link.limits.quietTime = .milliseconds(2)
    link.limits.noiseTimeout = .milliseconds(30)
    return link
  }
}
