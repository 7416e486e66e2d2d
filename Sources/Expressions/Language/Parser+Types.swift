/// Types within expressions.
extension Parser {
  /// The words of a type: `*const a::B<C, D>`, `&T`, `[u8; 4]`, `(A, B)`.
  mutating func type() throws(ExpressionError) -> TypeText {
    let start = current.range.lowerBound
    while take("*") || take("&") {
      if current.isWord("const") || current.isWord("mut") { _ = advance() }
    }
    let end: Int
    if current.isPunctuation("[") || current.isPunctuation("(") {
      end = try brackets()
    } else {
      end = try typePath()
    }
    return TypeText(text: text(start..<end), offset: start)
  }

  private mutating func brackets() throws(ExpressionError) -> Int {
    var open = 0
    repeat {
      guard current.kind != .end else { throw unexpected("the end of the type") }
      let token = advance()
      if token.isPunctuation("[") || token.isPunctuation("(") { open += 1 }
      if token.isPunctuation("]") || token.isPunctuation(")") { open -= 1 }
      if open == 0 { return token.range.upperBound }
    } while true
  }

  private mutating func typePath() throws(ExpressionError) -> Int {
    var end = current.range.upperBound
    repeat {
      guard case .identifier = current.kind else { throw unexpected("a type") }
      end = advance().range.upperBound
      if current.isPunctuation("<"), current.range.lowerBound == end {
        guard let close = closingAngle(from: position) else { throw unexpected("`>` after it") }
        position = close + 1
        end = tokens[close].range.upperBound
      }
    } while take("::")
    return end
  }

  /// The `>` (or second half of `>>`) that closes the `<` at `start`.
  func closingAngle(from start: Int) -> Int? {
    var open = 0
    for index in start..<tokens.count {
      switch tokens[index].kind {
      case .punctuation("<"): open += 1
      case .punctuation(">"): open -= 1
      case .punctuation("<<"): open += 2
      case .punctuation(">>"): open -= 2
      case .end: return nil
      default: break
      }
      if open <= 0 { return open == 0 ? index : nil }
    }
    return nil
  }
}
