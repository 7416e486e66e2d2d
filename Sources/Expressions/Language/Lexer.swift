/// Cuts an expression into words.
struct Lexer {
  /// Longer input is no expression that somebody typed.
  static let maximumByteCount = 16384

  private let bytes: [UInt8]
  private var position = 0

  private static let punctuation = [
    "..=", "..", "::", "->", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "(", ")", "[", "]",
    ".", ",", ";", "<", ">", "=", "!", "~", "&", "|", "^", "+", "-", "*", "/", "%", "?", ":", "'",
  ].map { Array($0.utf8) }

  /// The words, `.end` last.
  static func tokens(of source: String) throws(ExpressionError) -> [Token] {
    let bytes = Array(source.utf8.prefix(maximumByteCount + 1))
    guard bytes.count <= maximumByteCount else {
      throw ExpressionError("the expression is too long", offset: maximumByteCount)
    }
    var lexer = Lexer(bytes: bytes)
    var tokens: [Token] = []
    while let token = try lexer.next() { tokens.append(token) }
    tokens.append(Token(kind: .end, range: bytes.count..<bytes.count))
    return tokens
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func next() throws(ExpressionError) -> Token? {
    while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0a { position += 1 }
    guard let byte = peek() else { return nil }
    let start = position
    let kind = try kind(startingWith: byte)
    return Token(kind: kind, range: start..<position)
  }

  private func peek(_ distance: Int = 0) -> UInt8? {
    position + distance < bytes.count ? bytes[position + distance] : nil
  }

  private mutating func kind(startingWith byte: UInt8) throws(ExpressionError) -> Token.Kind {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "$"): return try dollar()
    case UInt8(ascii: "\""): return try string()
    case UInt8(ascii: "{"): return try bracedName()
    case UInt8(ascii: "'") where isCharacterLiteral: return try character()
    case _ where Self.isWord(byte): return .identifier(word())
    default: return try sign(byte)
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }

  private mutating func word() -> String {
    let start = position
    while let byte = peek(), Self.isWord(byte) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// `105`, `0x1f_ff`, `0b101`, `0o17`, each with a Rust suffix if it likes.
  private mutating func number() throws(ExpressionError) -> Token.Kind {
    let start = position
    let text = Substring(word())
    let (radix, digits): (Int, Substring) =
      switch text.prefix(2).lowercased() {
      case "0x": (16, text.dropFirst(2))
      case "0b": (2, text.dropFirst(2))
      case "0o": (8, text.dropFirst(2))
      default: (10, text)
      }
    let plain = Self.withoutSuffix(digits).filter { $0 != "_" }
    if let number = UInt128(plain, radix: radix), !plain.hasPrefix("+") { return .number(number) }
    let isDigits =
      !plain.isEmpty && plain.allSatisfy { $0.hexDigitValue.map { $0 < radix } ?? false }
    throw ExpressionError(
      isDigits ? "the number is too large" : "`\(text)` is no number", offset: start)
  }

  private static func withoutSuffix(_ digits: Substring) -> Substring {
    for sign in ["u", "i"] {
      for size in ["size", "128", "64", "32", "16", "8"] where digits.hasSuffix(sign + size) {
        return digits.dropLast(1 + size.count)
      }
    }
    return digits
  }

  private mutating func dollar() throws(ExpressionError) -> Token.Kind {
    let start = position
    position += 1
    let isRelative = peek() == UInt8(ascii: "$")
    if isRelative { position += 1 }
    let name = word()
    if name.isEmpty { return .history(isRelative ? -1 : 0) }
    if name.allSatisfy(\.isASCIIDigit) {
      guard let number = Int(name) else {
        throw ExpressionError("the number is too large", offset: start)
      }
      return .history(isRelative ? -number : number)
    }
    guard !isRelative else { throw ExpressionError("expected `$$` or `$$N`", offset: start) }
    return .register(name)
  }

  /// `{impl#0}`: a component that rustc made up.
  private mutating func bracedName() throws(ExpressionError) -> Token.Kind {
    let start = position
    position += 1
    while let byte = peek(), Self.isWord(byte) || byte == UInt8(ascii: "#") { position += 1 }
    guard peek() == UInt8(ascii: "}"), position > start + 1 else {
      throw ExpressionError("expected a name such as `{impl#0}`", offset: start)
    }
    position += 1
    return .identifier(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func sign(_ byte: UInt8) throws(ExpressionError) -> Token.Kind {
    let rest = bytes[position...]
    for sign in Self.punctuation where rest.starts(with: sign) {
      position += sign.count
      return .punctuation(String(decoding: sign, as: UTF8.self))
    }
    let shown = TargetText.quoted([byte], quote: "`")
    throw ExpressionError("\(shown) does not belong into an expression", offset: position)
  }

  // MARK: Text

  /// `'a'`, not the `'a` of a lifetime.
  private var isCharacterLiteral: Bool {
    guard let first = peek(1) else { return false }
    if first == UInt8(ascii: "\\") { return true }
    return bytes[min(position + 2, bytes.count)...].prefix(4).contains(UInt8(ascii: "'"))
  }

  private mutating func character() throws(ExpressionError) -> Token.Kind {
    let start = position
    let text = String(decoding: try quoted(UInt8(ascii: "'")), as: UTF8.self)
    guard let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 else {
      throw ExpressionError("expected one character", offset: start)
    }
    return .character(scalar)
  }

  private mutating func string() throws(ExpressionError) -> Token.Kind {
    .string(try quoted(UInt8(ascii: "\"")))
  }

  private mutating func quoted(_ quote: UInt8) throws(ExpressionError) -> [UInt8] {
    let start = position
    position += 1
    var text: [UInt8] = []
    while let byte = peek() {
      position += 1
      if byte == quote { return text }
      text.append(byte == UInt8(ascii: "\\") ? try escape() : byte)
    }
    throw ExpressionError("the quote is not closed", offset: start)
  }

  /// `\n`, `\t`, `\r`, `\0`, `\xff`, or the character itself.
  private mutating func escape() throws(ExpressionError) -> UInt8 {
    guard let byte = peek() else {
      throw ExpressionError("the quote is not closed", offset: position)
    }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): return 10
    case UInt8(ascii: "t"): return 9
    case UInt8(ascii: "r"): return 13
    case UInt8(ascii: "0"): return 0
    case UInt8(ascii: "x"):
      guard let digits = peek().flatMap({ a in peek(1).map { [a, $0] } }),
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
      else { throw ExpressionError("expected two hexadecimal digits", offset: position) }
      position += 2
      return value
    default: return byte
    }
  }
}
