/// The gate between text of the target and a terminal: what passes moves no cursor, hides nothing and
/// cannot be taken for kscope's own words.
///
/// Backslashes stay as they are: the result is for reading, not for parsing (JSON is for that).
public enum Escaping {
  /// More combining marks than this on one character are escaped.
  static let combiningLimit = 4

  /// One line of text: line ends and tabs are escaped too.
  public static func line(_ text: some StringProtocol) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return String(text) }
    var gate = Gate(keepsLines: false)
    for scalar in text.unicodeScalars { gate.pass(scalar) }
    return gate.output
  }

  /// Bytes that should be UTF-8; what is not appears as `\xNN`.
  public static func line(bytes: some Collection<UInt8>) -> String {
    decode(bytes, keepsLines: false)
  }

  /// Log text: line feeds and tabs stay, a carriage return before a line feed goes.
  public static func log(bytes: some Collection<UInt8>) -> String {
    decode(bytes, keepsLines: true)
  }

  private static func decode(_ bytes: some Collection<UInt8>, keepsLines: Bool) -> String {
    var gate = Gate(keepsLines: keepsLines)
    var decoder = UTF8Sequence(bytes)
    while let element = decoder.next() {
      switch element {
      case .scalar(let scalar): gate.pass(scalar)
      case .bad(let byte): gate.output += escape(byte: byte)
      }
    }
    gate.finish()
    return gate.output
  }

  static func escape(byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return "\\x" + (digits.count < 2 ? "0" : "") + digits
  }

  /// Whether a scalar may reach a terminal as it is.
  static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    let properties = scalar.properties
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      return false
    default:
      return !properties.isDefaultIgnorableCodePoint
    }
  }
}

/// Escapes scalars one after the other.
private struct Gate {
  let keepsLines: Bool
  var output = ""
  private var combining = 0
  private var hasPendingReturn = false

  init(keepsLines: Bool) { self.keepsLines = keepsLines }

  mutating func pass(_ scalar: Unicode.Scalar) {
    if hasPendingReturn {
      hasPendingReturn = false
      if scalar != "\n" { output += "\\r" }
    }
    if keepsLines, scalar == "\n" || scalar == "\t" {
      output.unicodeScalars.append(scalar)
    } else if keepsLines, scalar == "\r" {
      hasPendingReturn = true
    } else if isAcceptable(scalar) {
      output.unicodeScalars.append(scalar)
    } else {
      output += Self.escape(scalar)
    }
  }

  mutating func finish() {
    if hasPendingReturn { output += "\\r" }
    hasPendingReturn = false
  }

  private mutating func isAcceptable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { combining = 0 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .spacingMark: combining += 1
    default: combining = 0
    }
    return combining <= Escaping.combiningLimit && Escaping.isHarmless(scalar)
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\u{1b}": return "\\e"
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    case "\0": return "\\0"
    default:
      if scalar.value < 0x80 { return Escaping.escape(byte: UInt8(scalar.value)) }
      return "\\u{" + String(scalar.value, radix: 16) + "}"
    }
  }
}

/// Bytes as scalars, ill-formed bytes one by one (Unicode 15 §3.9, table 3-7).
private struct UTF8Sequence<Source: Collection<UInt8>> {
  enum Element {
    case scalar(Unicode.Scalar)
    case bad(UInt8)
  }

  private let source: Source
  private var index: Source.Index

  init(_ source: Source) {
    self.source = source
    index = source.startIndex
  }

  mutating func next() -> Element? {
    guard index != source.endIndex else { return nil }
    let first = source[index]
    let start = source.index(after: index)
    defer { if index < start { index = start } }
    guard first >= 0x80 else { return .scalar(Unicode.Scalar(first)) }
    let (count, low): (Int, UInt32)
    switch first {
    case 0xc2...0xdf: (count, low) = (1, 0x80)
    case 0xe0...0xef: (count, low) = (2, 0x800)
    case 0xf0...0xf4: (count, low) = (3, 0x10000)
    default: return .bad(first)
    }
    var value = UInt32(first) & (0x3f >> UInt32(count))
    var position = start
    for _ in 0..<count {
      guard position != source.endIndex, source[position] & 0xc0 == 0x80 else { return .bad(first) }
      value = value << 6 | UInt32(source[position] & 0x3f)
      position = source.index(after: position)
    }
    guard value >= low, let scalar = Unicode.Scalar(value) else { return .bad(first) }
    index = position
    return .scalar(scalar)
  }
}
