/// A parsed expression: what it does, where it stands, and how deep it is.
struct Syntax {
  /// Deeper trees are refused, so that parser and evaluator need little stack.
  static let maximumDepth = 200

  indirect enum Kind {
    case number(UInt128)
    case boolean(Bool)
    case string([UInt8])
    case character(Unicode.Scalar)
    case path(String)
    case register(String)
    case history(Int)
    case member(Syntax, String)
    case index(Syntax, Syntax)
    case slice(Syntax, from: Syntax?, to: Syntax?, isClosed: Bool)
    case unary(UnaryOperator, Syntax)
    case binary(BinaryOperator, Syntax, Syntax)
    case cast(Syntax, TypeText)
    case sizeOfType(TypeText)
    case size(TypeText, orOf: Syntax)
  }

  let kind: Kind
  /// UTF-8 bytes from the start of the expression: of the operator, name or literal.
  let offset: Int
  let depth: Int

  init(_ kind: Kind, at offset: Int, over children: Syntax?...) throws(ExpressionError) {
    self.kind = kind
    self.offset = offset
    depth = 1 + (children.compactMap { $0?.depth }.max() ?? 0)
    guard depth <= Self.maximumDepth else {
      throw ExpressionError("the expression is nested too deeply", offset: offset)
    }
  }
}

/// A type as somebody wrote it.
struct TypeText: Equatable {
  let text: String
  let offset: Int
}

enum UnaryOperator: String {
  case negate = "-"
  case not = "!"
  case complement = "~"
  case dereference = "*"
  case addressOf = "&"
}

enum BinaryOperator: String {
  case or = "||"
  case and = "&&"
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case bitOr = "|"
  case bitXor = "^"
  case bitAnd = "&"
  case shiftLeft = "<<"
  case shiftRight = ">>"
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case remainder = "%"

  /// Rust's: comparisons bind less than `|`, `^`, `&`.
  var precedence: Int {
    switch self {
    case .or: 1
    case .and: 2
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: 3
    case .bitOr: 4
    case .bitXor: 5
    case .bitAnd: 6
    case .shiftLeft, .shiftRight: 7
    case .add, .subtract: 8
    case .multiply, .divide, .remainder: 9
    }
  }
}
