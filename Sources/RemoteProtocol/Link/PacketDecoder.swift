/// Finds packets in the bytes of a stub, however they are cut, and checks their sums.
///
/// `$BODY#SS` where SS is the sum of BODY's bytes modulo 256 in hex; in BODY `}` makes the next
/// byte mean itself xor 0x20 and `X*n` repeats X another n - 29 times (GDB manual, "Overview").
struct PacketDecoder {
  enum Event: Equatable {
    case acknowledged
    case rejected
    /// A packet with a right sum, expanded.
    case packet([UInt8])
    /// A `%` packet, expanded; it is never acknowledged.
    case notification([UInt8])
    /// A packet that did not arrive as it was sent.
    case damaged
    /// A packet that arrived as it was sent but means nothing.
    case malformed(String)
  }

  /// The largest body and the largest expanded packet that are accepted.
  var byteLimit = 1 << 20
  /// Bytes outside of packets, all in all.
  private(set) var noiseByteCount = 0

  private enum State {
    case idle
    case body
    case overlong
    case firstDigit
    case secondDigit(UInt8)
  }

  private var state = State.idle
  private var isNotification = false
  private var body: [UInt8] = []
  private var sum: UInt8 = 0
  private var events: [Event] = []
  private var nextEvent = 0

  /// Whether a packet has begun and not ended.
  var isInsidePacket: Bool {
    if case .idle = state { return false }
    return true
  }

  mutating func receive(_ bytes: [UInt8]) {
    var index = 0
    while index < bytes.count {
      if case .body = state {
        let start = index
        while index < bytes.count, !Self.endsRun(bytes[index]) { index += 1 }
        receiveRun(bytes[start..<index])
        guard index < bytes.count else { return }
      }
      receive(bytes[index])
      index += 1
    }
  }

  private static func endsRun(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "#") || byte == UInt8(ascii: "$")
  }

  /// Bytes of a body: most of what comes.
  private mutating func receiveRun(_ run: ArraySlice<UInt8>) {
    guard run.count <= byteLimit - body.count else {
      state = .overlong
      body = []
      events.append(.damaged)
      return
    }
    body += run
    for byte in run { sum &+= byte }
  }

  /// The next thing found, in the order of arrival.
  mutating func next() -> Event? {
    guard nextEvent < events.count else {
      events.removeAll(keepingCapacity: true)
      nextEvent = 0
      return nil
    }
    defer { nextEvent += 1 }
    return events[nextEvent]
  }

  private mutating func receive(_ byte: UInt8) {
    switch state {
    case .idle: receiveOutside(byte)
    case .body: receiveInside(byte)
    case .overlong:
      if byte == UInt8(ascii: "$") { begin(notification: false) }
    case .firstDigit:
      state = .secondDigit(byte)
    case .secondDigit(let first):
      state = .idle
      finish(first, byte)
    }
  }

  private mutating func receiveOutside(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "$"): begin(notification: false)
    case UInt8(ascii: "%"): begin(notification: true)
    case UInt8(ascii: "+"): events.append(.acknowledged)
    case UInt8(ascii: "-"): events.append(.rejected)
    default: noiseByteCount += 1
    }
  }

  private mutating func receiveInside(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "#"): state = .firstDigit
    case UInt8(ascii: "$"):
      // The end of the packet before was lost. A `%` may as well have been noise.
      if !isNotification { events.append(.damaged) }
      begin(notification: false)
    default: receiveRun([byte])
    }
  }

  private mutating func begin(notification: Bool) {
    state = .body
    isNotification = notification
    body.removeAll(keepingCapacity: true)
    sum = 0
  }

  private mutating func finish(_ first: UInt8, _ second: UInt8) {
    guard let high = hexDigit(first), let low = hexDigit(second), high << 4 | low == sum else {
      if isNotification {
        noiseByteCount += body.count + 4
      } else {
        events.append(.damaged)
      }
      return
    }
    switch Self.expand(body, limit: byteLimit) {
    case .success(let payload):
      events.append(isNotification ? .notification(payload) : .packet(payload))
    case .failure(let error):
      events.append(.malformed(error.words))
    }
  }

  struct ExpansionError: Error, Equatable { let words: String }

  static func expand(_ body: [UInt8], limit: Int) -> Result<[UInt8], ExpansionError> {
    guard body.contains(where: { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "}") }) else {
      return .success(body)
    }
    var payload: [UInt8] = []
    payload.reserveCapacity(body.count)
    var index = 0
    while index < body.count {
      let byte = body[index]
      index += 1
      guard byte == UInt8(ascii: "}") || byte == UInt8(ascii: "*") else {
        payload.append(byte)
        continue
      }
      guard index < body.count else { return .failure(.init(words: "ends in an escape")) }
      let argument = body[index]
      index += 1
      if byte == UInt8(ascii: "}") {
        payload.append(argument ^ 0x20)
        continue
      }
      guard let last = payload.last else {
        return .failure(.init(words: "begins with a repetition"))
      }
      // 32 is the first printable count, 126 the last; `#` and `$` cannot stand in a body.
      guard (32...126).contains(argument) else {
        return .failure(.init(words: "repetition count \(argument)"))
      }
      let count = Int(argument) - 29
      guard payload.count + count <= limit else {
        return .failure(.init(words: "expands to more than \(limit) bytes"))
      }
      payload.append(contentsOf: repeatElement(last, count: count))
    }
    return .success(payload)
  }
}
