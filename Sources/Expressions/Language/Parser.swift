/// Recursive descent over the words of an expression; the grammar is in `Expressions.docc`.
struct Parser {
  private let source: [UInt8]
  let tokens: [Token]
  var position = 0
  private var depth = 0

  static func parse(_ source: String) throws(ExpressionError) -> Syntax {
    var parser = Parser(source: source, tokens: try Lexer.tokens(of: source))
    let syntax = try parser.expression()
    guard parser.current.kind == .end else {
      throw parser.unexpected("the end of the expression")
    }
    return syntax
  }

  private init(source: String, tokens: [Token]) {
    self.source = Array(source.utf8)
    self.tokens = tokens
  }

  // MARK: Words

  var current: Token { tokens[position] }

  private func token(after distance: Int) -> Token {
    tokens[min(position + distance, tokens.count - 1)]
  }

  mutating func advance() -> Token {
    let token = current
    if position < tokens.count - 1 { position += 1 }
    return token
  }

  mutating func take(_ text: String) -> Bool {
    guard current.isPunctuation(text) else { return false }
    _ = advance()
    return true
  }

  private mutating func expect(_ text: String) throws(ExpressionError) {
    guard take(text) else { throw unexpected("`\(text)`") }
  }

  func text(_ range: Range<Int>) -> String {
    String(decoding: source[range], as: UTF8.self)
  }

  func unexpected(_ wanted: String) -> ExpressionError {
    guard current.kind != .end else {
      return ExpressionError("expected \(wanted) here", offset: current.range.lowerBound)
    }
    let found = TargetText.escaped(text(current.range))
    return ExpressionError("expected \(wanted), not `\(found)`", offset: current.range.lowerBound)
  }

  // MARK: Operators

  private mutating func expression() throws(ExpressionError) -> Syntax {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Syntax.maximumDepth else {
      throw ExpressionError(
        "the expression is nested too deeply", offset: current.range.lowerBound)
    }
    return try binary(above: 0)
  }

  /// Operands joined by operators that bind more than `level`.
  private mutating func binary(above level: Int) throws(ExpressionError) -> Syntax {
    var left = try casts()
    while case .punctuation(let sign) = current.kind,
      let operation = BinaryOperator(rawValue: sign),
      operation.precedence > level
    {
      let offset = advance().range.lowerBound
      let right = try binary(above: operation.precedence)
      left = try Syntax(.binary(operation, left, right), at: offset, over: left, right)
    }
    return left
  }

  /// `operand as TYPE as TYPE`.
  private mutating func casts() throws(ExpressionError) -> Syntax {
    var operand = try unary()
    while current.isWord("as") {
      let offset = advance().range.lowerBound
      operand = try Syntax(.cast(operand, type()), at: offset, over: operand)
    }
    return operand
  }

  private mutating func unary() throws(ExpressionError) -> Syntax {
    depth += 1
    defer { depth -= 1 }
    let offset = current.range.lowerBound
    guard depth <= Syntax.maximumDepth else {
      throw ExpressionError("the expression is nested too deeply", offset: offset)
    }
    if take("&&") {
      throw ExpressionError("an address has no address of its own", offset: offset)
    }
    if case .punctuation(let sign) = current.kind, let operation = UnaryOperator(rawValue: sign) {
      _ = advance()
      if operation == .addressOf, current.isWord("mut") { _ = advance() }
      let operand = try unary()
      return try Syntax(.unary(operation, operand), at: offset, over: operand)
    }
    if let type = takeCCast() {
      let operand = try unary()
      return try Syntax(.cast(operand, type), at: offset, over: operand)
    }
    return try postfix()
  }

  /// `(TYPE*)` in front of an operand.
  private mutating func takeCCast() -> TypeText? {
    guard current.isPunctuation("("), let close = closingParenthesis(),
      close > position + 2, tokens[close - 1].isPunctuation("*"),
      case .identifier = tokens[position + 1].kind
    else { return nil }
    let start = tokens[position + 1].range.lowerBound
    let type = TypeText(text: text(start..<tokens[close].range.lowerBound), offset: start)
    position = close + 1
    return type
  }

  private func closingParenthesis() -> Int? {
    var open = 0
    for index in position..<tokens.count {
      if tokens[index].isPunctuation("(") { open += 1 }
      if tokens[index].isPunctuation(")") { open -= 1 }
      if open == 0 { return index }
    }
    return nil
  }

  // MARK: Operands

  private mutating func postfix() throws(ExpressionError) -> Syntax {
    var operand = try primary()
    while true {
      let offset = current.range.lowerBound
      if take(".") || take("->") {
        operand = try member(of: operand)
      } else if take("[") {
        operand = try element(of: operand, at: offset)
      } else if current.isPunctuation("(") {
        throw ExpressionError(
          "functions of the target are not called: that would change what is looked at",
          offset: offset)
      } else {
        return operand
      }
    }
  }

  private mutating func member(of operand: Syntax) throws(ExpressionError) -> Syntax {
    let offset = current.range.lowerBound
    switch current.kind {
    case .identifier(let name):
      _ = advance()
      return try Syntax(.member(operand, name), at: offset, over: operand)
    case .number:
      let name = text(advance().range)
      return try Syntax(.member(operand, name), at: offset, over: operand)
    default: throw unexpected("the name of a field")
    }
  }

  /// `[n]`, `[a..b]`, `[a..=b]`, `[a..]`, `[..b]`; the bracket is taken.
  private mutating func element(
    of operand: Syntax, at offset: Int
  ) throws(ExpressionError) -> Syntax {
    var from: Syntax?
    if !current.isPunctuation(".."), !current.isPunctuation("..=") { from = try expression() }
    let isClosed = current.isPunctuation("..=")
    guard isClosed || current.isPunctuation("..") else {
      try expect("]")
      guard let from else { throw unexpected("an index") }
      return try Syntax(.index(operand, from), at: offset, over: operand, from)
    }
    _ = advance()
    var to: Syntax?
    if !current.isPunctuation("]") { to = try expression() }
    try expect("]")
    return try Syntax(
      .slice(operand, from: from, to: to, isClosed: isClosed), at: offset, over: operand, from, to)
  }

  private mutating func primary() throws(ExpressionError) -> Syntax {
    let token = current
    let offset = token.range.lowerBound
    switch token.kind {
    case .number(let number): return try literal(.number(number))
    case .string(let bytes): return try literal(.string(bytes))
    case .character(let scalar): return try literal(.character(scalar))
    case .register(let name): return try literal(.register(name))
    case .history(let number): return try literal(.history(number))
    case .identifier("true"): return try literal(.boolean(true))
    case .identifier("false"): return try literal(.boolean(false))
    case .identifier("sizeof") where self.token(after: 1).isPunctuation("("):
      return try sizeOf(at: offset)
    case .identifier, .punctuation("::"):
      return try Syntax(.path(path()), at: offset)
    case .punctuation("("):
      _ = advance()
      let inner = try expression()
      try expect(")")
      return inner
    default: throw unexpected("a value")
    }
  }

  private mutating func literal(_ kind: Syntax.Kind) throws(ExpressionError) -> Syntax {
    try Syntax(kind, at: advance().range.lowerBound)
  }

  /// `a::b::C`, `a::{impl#0}::C`, `a::<T>::C`, `Vec<u8>::C` when the `<` touches and `>::` follows.
  private mutating func path() throws(ExpressionError) -> String {
    let start = current.range.lowerBound
    var end = start
    _ = take("::")
    while true {
      guard case .identifier = current.kind else { throw unexpected("a name") }
      end = advance().range.upperBound
      if let close = genericArgumentsInPath(after: end) {
        position = close + 1
        end = tokens[close].range.upperBound
      }
      guard take("::") else { return text(start..<end) }
      if current.isPunctuation("<"), let close = closingAngle(from: position) {
        position = close + 1
        end = tokens[close].range.upperBound
        guard take("::") else { return text(start..<end) }
      }
    }
  }

  /// The closing `>` of arguments that belong to a path.
  private func genericArgumentsInPath(after end: Int) -> Int? {
    guard current.isPunctuation("<"), current.range.lowerBound == end,
      let close = closingAngle(from: position), close + 1 < tokens.count,
      tokens[close + 1].isPunctuation("::")
    else { return nil }
    return close
  }

  /// `sizeof(TYPE)` or `sizeof(EXPRESSION)`.
  private mutating func sizeOf(at offset: Int) throws(ExpressionError) -> Syntax {
    _ = advance()
    guard let close = closingParenthesis() else { throw unexpected("`)` after it") }
    _ = advance()
    let start = current.range.lowerBound
    let type = TypeText(text: text(start..<tokens[close].range.lowerBound), offset: start)
    let first = position
    if let inner = try? expression(), position == close {
      position = close + 1
      return try Syntax(.size(type, orOf: inner), at: offset, over: inner)
    }
    guard close > first else { throw ExpressionError("expected a type", offset: start) }
    position = close + 1
    return try Syntax(.sizeOfType(type), at: offset)
  }
}
