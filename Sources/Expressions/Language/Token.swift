/// A word of the expression language.
struct Token: Equatable {
  enum Kind: Equatable {
    case number(UInt128)
    case identifier(String)
    case string([UInt8])
    case character(Unicode.Scalar)
    /// `$pc`.
    case register(String)
    /// `$3`; relative to the last value when it is not positive: `$` is 0, `$$` is -1.
    case history(Int)
    case punctuation(String)
    case end
  }

  let kind: Kind
  /// UTF-8 bytes from the start of the expression.
  let range: Range<Int>

  func isPunctuation(_ text: String) -> Bool { kind == .punctuation(text) }
  func isWord(_ text: String) -> Bool { kind == .identifier(text) }
}
