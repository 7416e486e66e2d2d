import Binary
import Machine

/// A transcript as a stub: it answers what was answered, to the very same questions in the same order.
///
/// The order of the lines tells what came too late, so their times are for people only.
/// Acknowledgements do not count: when they were sent is a matter of time.
final class ReplayTransport: Transport {
  private let path: String
  private var lines: ArraySlice<Transcript.Line>
  private var decoder = PacketDecoder()
  /// What the transcript's client sent from the present line on and has not been asked yet.
  private var expected: [Item] = []
  private var expectedDecoder = PacketDecoder()

  private enum Item: Equatable {
    case packet([UInt8])
    case rejection
    case breakIn
  }

  init(path: String) throws(SystemError) {
    self.path = path
    let bytes = try Bytes(mapping: path)
    guard bytes.count <= Transcript.byteLimit else {
      throw Transcript.error(path, "it is larger than \(Transcript.byteLimit) bytes")
    }
    lines = try Transcript(parsing: String(bytes), path: path).lines[...]
  }

  // MARK: From the stub

  func read(
    into buffer: inout [UInt8], deadline: ContinuousClock.Instant?, isInterruptible: Bool
  ) throws(SystemError) -> SocketStream.ReadOutcome {
    skipAcknowledgements()
    guard expected.isEmpty, let line = lines.first else {
      return try waitInVain(deadline, isInterruptible)
    }
    switch line.event {
    case .received(let bytes):
      lines.removeFirst()
      buffer += bytes
      return .bytes
    case .ended: return .ended
    case .sent, .breakSignal: return try waitInVain(deadline, isInterruptible)
    }
  }

  /// Nothing comes before the client speaks. Who waits for ever was interrupted by the user then.
  private func waitInVain(
    _ deadline: ContinuousClock.Instant?, _ isInterruptible: Bool
  ) throws(SystemError) -> SocketStream.ReadOutcome {
    if let deadline { pause(until: deadline) }
    guard isInterruptible, nextIsBreak else {
      guard deadline == nil else { return .timedOut }
      throw ended
    }
    Interrupt.shared.request()
    return .woken
  }

  private var nextIsBreak: Bool {
    if expected.first == .breakIn { return true }
    guard expected.isEmpty, let line = lines.first else { return false }
    return line.event == .breakSignal || line.event == .sent(PacketEncoder.breakIn)
  }

  private var ended: SystemError { Transcript.error(path, "the transcript ends here") }

  private func pause(until end: ContinuousClock.Instant) {
    while ContinuousClock.now < end { Pause.milliseconds(1) }
  }

  private func skipAcknowledgements() {
    while expected.isEmpty, case .sent(let bytes)? = lines.first?.event,
      bytes.allSatisfy({ $0 == UInt8(ascii: "+") })
    {
      lines.removeFirst()
    }
  }

  // MARK: To the stub

  func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(SystemError) {
    for item in Self.items(bytes, &decoder) { try take(item) }
  }

  func sendBreak(deadline: ContinuousClock.Instant) throws(SystemError) { try take(.breakIn) }

  private func take(_ item: Item) throws(SystemError) {
    var number = lines.first?.number
    while expected.isEmpty {
      guard let line = lines.first else { throw ended }
      number = line.number
      switch line.event {
      case .sent(let bytes):
        expected = Self.items(bytes, &expectedDecoder)
      case .breakSignal: expected = [.breakIn]
      // The client asks before it has read all: what it does not want to hear is passed over.
      case .received: break
      case .ended: throw ended
      }
      lines.removeFirst()
    }
    let wanted = expected.removeFirst()
    guard wanted == item else {
      throw Transcript.error(
        path,
        "the session differs from the transcript at line \(number ?? 0): "
          + "kscope sends \(Self.words(item)), the transcript has \(Self.words(wanted))")
    }
  }

  private static func items(_ bytes: [UInt8], _ decoder: inout PacketDecoder) -> [Item] {
    var items: [Item] = []
    for byte in bytes {
      if byte == 3, !decoder.isInsidePacket { items.append(.breakIn) }
      decoder.receive([byte])
      while let event = decoder.next() {
        switch event {
        case .packet(let payload): items.append(.packet(payload))
        case .rejected: items.append(.rejection)
        default: break
        }
      }
    }
    return items
  }

  private static func words(_ item: Item) -> String {
    switch item {
    case .packet(let payload): "`\(Transcript.escape(Array(payload.prefix(60))))`"
    case .rejection: "a rejection"
    case .breakIn: "a break"
    }
  }

  func close() {}
}
