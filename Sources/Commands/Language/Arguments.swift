/// What stands behind a command's name.
public struct Arguments: Sendable, Equatable {
  /// As typed, without blanks around it.
  public let raw: String
  /// Split at blanks; `'...'` and `"..."` keep blanks together.
  public let words: [String]
  /// What follows a slash at the command's name: `8i` in `x/8i $pc`.
  public let modifier: String

  public init(_ raw: some StringProtocol, modifier: String = "") {
    self.raw = raw.trimmingBlanks
    self.words = Self.split(self.raw)
    self.modifier = modifier
  }

  public var isEmpty: Bool { words.isEmpty }

  static func split(_ text: some StringProtocol) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in text {
      if let open = quote {
        if character == open { quote = nil } else { word?.append(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character.isWhitespace {
        if let finished = word { words.append(finished) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let word { words.append(word) }
    return words
  }

  /// No words at all, or an error that says so.
  public func expectNone(for command: String) throws(CommandError) {
    guard let word = words.first else { return }
    throw .usage("\(command): unexpected argument '\(word)'")
  }
}

extension StringProtocol {
  /// Without white space at either end.
  var trimmingBlanks: String {
    var text = Substring(self)
    while let first = text.first, first.isWhitespace { text = text.dropFirst() }
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return String(text)
  }
}

/// Numbers as people type them.
enum NumberText {
  /// `12`, `0x1f`, `1_000`; nil for anything else.
  static func unsigned(_ text: some StringProtocol) -> UInt64? {
    let digits = String(text.filter { $0 != "_" })
    if digits.hasPrefix("0x") || digits.hasPrefix("0X") {
      let hex = digits.dropFirst(2)
      return hex.allSatisfy(\.isHexDigit) ? UInt64(hex, radix: 16) : nil
    }
    return digits.allSatisfy { $0.isASCII && $0.isNumber } ? UInt64(digits) : nil
  }

  /// Seconds: `5s`, `200ms`, `2m`, `1.5`; at most a day.
  static func seconds(_ text: some StringProtocol) -> Double? {
    let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)]
    for (suffix, factor) in units where text.hasSuffix(suffix) {
      let digits = text.dropLast(suffix.count)
      guard let first = digits.first, first.isNumber, let value = Double(digits) else { continue }
      let seconds = value * factor
      return seconds >= 0 && seconds <= 86400 ? seconds : nil
    }
    return nil
  }
}
