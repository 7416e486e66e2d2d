import Machine

/// `T05thread:p01.02;watch:40195030;`, `S05`, `W00`, `X09` (GDB manual, "Stop Reply Packets").
struct StopReply: Equatable {
  let kind: StopReason.Kind
  /// On which thread, when the stub says so.
  let thread: ThreadID?

  init(kind: StopReason.Kind, thread: ThreadID?) {
    self.kind = kind
    self.thread = thread
  }

  /// nil: no stop reply.
  init?(parsing reply: [UInt8]) {
    guard let first = reply.first, reply.count >= 3,
      let code = hexNumber(reply[1...2]).map({ Int($0) })
    else { return nil }
    switch first {
    case UInt8(ascii: "W") where Self.endsProcess(reply):
      self.init(kind: .exited(code), thread: nil)
    case UInt8(ascii: "X") where Self.endsProcess(reply):
      self.init(kind: .exited(128 + code), thread: nil)
    case UInt8(ascii: "S") where reply.count == 3:
      self.init(kind: Self.kind(signal: code), thread: nil)
    case UInt8(ascii: "T"):
      let pairs = Self.pairs(reply)
      let watch = ["watch", "rwatch", "awatch"].compactMap { pairs[$0] }.first
      let address = watch.flatMap { hexNumber(Array($0.utf8)) }
      self.init(
        kind: address.map { .watch(Address($0)) } ?? Self.kind(signal: code),
        thread: pairs["thread"].flatMap { ThreadID(parsing: Array($0.utf8)) })
    default: return nil
    }
  }

  private static func endsProcess(_ reply: [UInt8]) -> Bool {
    reply.count == 3 || reply[3] == UInt8(ascii: ";")
  }

  /// The `key:value;` pairs whose keys are words; the first of equal ones counts.
  private static func pairs(_ reply: [UInt8]) -> [String: String] {
    var pairs: [String: String] = [:]
    for pair in reply.dropFirst(3).split(separator: UInt8(ascii: ";")).prefix(4096) {
      guard let colon = pair.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let key = text(pair[..<colon])
      if pairs[key] == nil { pairs[key] = text(pair[(colon + 1)...]) }
    }
    return pairs
  }

  /// GDB's numbers (`include/gdb/signals.def`): 2 is SIGINT, 5 is SIGTRAP.
  private static func kind(signal: Int) -> StopReason.Kind {
    switch signal {
    case 2: .interrupt
    case 5: .trap
    default: .signal(signal)
    }
  }
}
