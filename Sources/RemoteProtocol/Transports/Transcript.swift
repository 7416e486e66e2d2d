import Binary

/// A recorded conversation: everything that went over the line, in order, with its time.
///
///     kscope-transcript 1
///     # kscope attach :1234
///     0.000312 -> $qSupported:multiprocess+#c6
///     0.000498 <- +$PacketSize=1000#13
///     2.001733 -- break
///     2.114025 -- end
///
/// Times are seconds since the beginning. In the bytes `\xNN` stands for what is not printable, for a
/// `\` and for a blank at the end. Lines that begin with `#` are comments.
struct Transcript {
  enum Event: Equatable {
    case sent([UInt8])
    case received([UInt8])
    /// A break that is no byte: a BREAK of a serial line.
    case breakSignal
    /// The stub's side closed.
    case ended
  }

  struct Line: Equatable {
    let seconds: Double
    let event: Event
    /// In the file, from 1.
    let number: Int
  }

  static let opening = "kscope-transcript"
  static let version = 1
  static let byteLimit = 1 << 30

  let lines: [Line]

  /// Throws with the line at fault.
  init(parsing text: String, path: String) throws(SystemError) {
    var lines: [Line] = []
    var number = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      if number == 1 {
        try Self.checkOpening(line, path)
      } else if !line.isEmpty, !line.hasPrefix("#") {
        guard let parsed = Self.parse(line, number) else {
          throw Self.error(path, "line \(number) is no line of a transcript")
        }
        lines.append(parsed)
      }
    }
    self.lines = lines
  }

  private static func checkOpening(_ line: Substring, _ path: String) throws(SystemError) {
    let words = line.split(separator: " ")
    guard words.first.map(String.init) == opening, words.count == 2 else {
      throw error(path, "it does not begin with `\(opening) \(version)`")
    }
    guard words[1] == "\(version)" else {
      throw error(path, "version \(escape(Array(words[1].utf8))) of the format is not known")
    }
  }

  static func error(_ path: String, _ words: String) -> SystemError {
    SystemError("replay", path, code: 22, words: words)
  }

  private static func parse(_ line: Substring, _ number: Int) -> Line? {
    let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let seconds = Double(parts[0]), seconds >= 0 else { return nil }
    let event: Event
    switch (parts[1], parts[2]) {
    case ("->", let text):
      guard let bytes = unescape(text) else { return nil }
      event = .sent(bytes)
    case ("<-", let text):
      guard let bytes = unescape(text) else { return nil }
      event = .received(bytes)
    case ("--", "break"): event = .breakSignal
    case ("--", "end"): event = .ended
    default: return nil
    }
    return Line(seconds: seconds, event: event, number: number)
  }

  // MARK: Text

  static func text(of event: Event, seconds: Double) -> String {
    let micros = Int64(max(0, seconds) * 1e6)
    let fraction = String(micros % 1_000_000)
    let time =
      "\(micros / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    switch event {
    case .sent(let bytes): return "\(time) -> \(escape(bytes))\n"
    case .received(let bytes): return "\(time) <- \(escape(bytes))\n"
    case .breakSignal: return "\(time) -- break\n"
    case .ended: return "\(time) -- end\n"
    }
  }

  static func escape(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    for (index, byte) in bytes.enumerated() {
      let isLast = index == bytes.count - 1
      if (0x20..<0x7f).contains(byte), byte != UInt8(ascii: "\\"), !(isLast && byte == 0x20) {
        text.append(byte)
      } else {
        text += [UInt8(ascii: "\\"), UInt8(ascii: "x")] + Hex.encode([byte])
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  static func unescape(_ text: Substring) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      guard rest.popFirst() == UInt8(ascii: "x"), rest.count >= 2,
        let value = Hex.decode(rest.prefix(2))
      else { return nil }
      bytes += value
      rest = rest.dropFirst(2)
    }
    return bytes
  }
}
