/// Makes bytes of a target harmless: no control, no bidirectional and no invisible character is left.
public enum TargetText {
  /// The bytes between quotes: quotes and `\` escaped, controls as `\n` or `\u{7f}`, bytes that are
  /// no UTF-8 as `\xff`.
  public static func quoted(_ bytes: [UInt8], quote: Character = "\"") -> String {
    var text = String(quote)
    append(bytes, to: &text, quote: quote)
    text.append(quote)
    return text
  }

  /// A name or message without quotes.
  public static func escaped(_ string: String) -> String {
    if string.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return string }
    var text = ""
    append(Array(string.utf8), to: &text, quote: nil)
    return text
  }

  private static func append(_ bytes: [UInt8], to text: inout String, quote: Character?) {
    var decoder = UTF8ScalarReader(bytes: bytes)
    var marks = 0
    while let piece = decoder.next() {
      switch piece {
      case .byte(let byte):
        marks = 0
        text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      case .scalar(let scalar):
        marks = isMark(scalar) ? marks + 1 : 0
        append(scalar, to: &text, quote: quote, isExcessive: marks > 2)
      }
    }
  }

  private static func append(
    _ scalar: Unicode.Scalar, to text: inout String, quote: Character?, isExcessive: Bool
  ) {
    switch scalar {
    case "\n": text += "\\n"
    case "\r": text += "\\r"
    case "\t": text += "\\t"
    case "\0": text += "\\0"
    case "\\" where quote != nil: text += "\\\\"
    case _ where quote.map { String($0) == String(scalar) } ?? false: text += "\\" + String(scalar)
    case _ where isExcessive || !isPrintable(scalar):
      text += "\\u{" + String(scalar.value, radix: 16) + "}"
    default: text.unicodeScalars.append(scalar)
    }
  }

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: true
    default: false
    }
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value >= 0x20 && scalar.value < 0x7f }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      return false
    case .spaceSeparator: return false
    default: return !scalar.properties.isDefaultIgnorableCodePoint
    }
  }
}

/// Reads UTF-8; every byte of an ill-formed sequence comes by itself.
private struct UTF8ScalarReader {
  enum Piece {
    case scalar(Unicode.Scalar)
    case byte(UInt8)
  }

  let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> Piece? {
    guard position < bytes.count else { return nil }
    let length = Self.length(bytes[position])
    if length > 0, position + length <= bytes.count,
      let scalar = Self.decode(bytes[position..<position + length])
    {
      position += length
      return .scalar(scalar)
    }
    position += 1
    return .byte(bytes[position - 1])
  }

  private static func length(_ first: UInt8) -> Int {
    switch first {
    case 0..<0x80: 1
    case 0xc2..<0xe0: 2
    case 0xe0..<0xf0: 3
    case 0xf0..<0xf5: 4
    default: 0
    }
  }

  /// nil: ill-formed, overlong, a surrogate, above U+10FFFF.
  private static func decode(_ bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
    guard let first = bytes.first else { return nil }
    guard bytes.count > 1 else { return Unicode.Scalar(first) }
    var code = UInt32(first) & (0x7f >> UInt32(bytes.count))
    for byte in bytes.dropFirst() {
      guard byte & 0xc0 == 0x80 else { return nil }
      code = code << 6 | UInt32(byte & 0x3f)
    }
    let minimum: [UInt32] = [0, 0, 0x80, 0x800, 0x10000]
    guard code >= minimum[bytes.count] else { return nil }
    return Unicode.Scalar(code)
  }
}
