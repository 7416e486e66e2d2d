/// Why an expression has no value, and at which place of it.
public struct ExpressionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Lower case, no full stop.
  public let message: String
  /// In UTF-8 bytes from the start of the expression.
  public let offset: Int
  /// What the value said, when the expression itself is fine.
  public let cause: ValueError?

  public init(_ message: String, offset: Int, cause: ValueError? = nil) {
    self.message = message
    self.offset = offset
    self.cause = cause
  }

  public var description: String { message }

  /// The expression with a caret below the place:
  ///
  ///     MAP[105].nmae
  ///              ^
  public func marked(in source: String) -> String {
    let before = String(decoding: source.utf8.prefix(max(0, offset)), as: UTF8.self)
    let line = TargetText.escaped(source)
    return line + "\n" + String(repeating: " ", count: TargetText.escaped(before).count) + "^"
  }
}
