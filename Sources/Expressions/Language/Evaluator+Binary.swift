import Symbols

extension Evaluator {
  func binary(
    _ operation: BinaryOperator, _ left: Syntax, _ right: Syntax, at syntax: Syntax
  ) throws(ExpressionError) -> Value {
    switch operation {
    case .and: return boolean(try truth(of: left) ? try truth(of: right) : false)
    case .or: return boolean(try truth(of: left) ? true : try truth(of: right))
    case .equal: return boolean(try equals(left, right))
    case .notEqual: return boolean(try !equals(left, right))
    case .less: return boolean(try integer(of: left) < integer(of: right))
    case .lessOrEqual: return boolean(try integer(of: left) <= integer(of: right))
    case .greater: return boolean(try integer(of: left) > integer(of: right))
    case .greaterOrEqual: return boolean(try integer(of: left) >= integer(of: right))
    default: return try arithmetic(operation, left, right, at: syntax)
    }
  }

  private func boolean(_ value: Bool) -> Value { make(BuiltinType.bool, value ? 1 : 0) }

  // MARK: Comparison

  /// Numbers; text with text; an enum with the name of a variant.
  private func equals(_ left: Syntax, _ right: Syntax) throws(ExpressionError) -> Bool {
    if case .string(let text) = right.kind { return try hasText(left, text) }
    if case .string(let text) = left.kind { return try hasText(right, text) }
    if case .path(let path) = right.kind, let equal = try isVariant(left, path, at: right) {
      return equal
    }
    return try integer(of: left) == integer(of: right)
  }

  private func hasText(_ operand: Syntax, _ text: [UInt8]) throws(ExpressionError) -> Bool {
    let value = try value(of: operand)
    return try at(operand) { () throws(ValueError) in
      let string = try value.string()
      guard string.byteCount == UInt64(text.count) else { return false }
      return try string.bytes(limit: text.count) == text
    }
  }

  /// nil: `path` is the name of something else, or the value is no enum.
  private func isVariant(
    _ operand: Syntax, _ path: String, at place: Syntax
  ) throws(ExpressionError) -> Bool? {
    guard try find(path, at: place) == nil else { return nil }
    let value = try value(of: operand)
    let name = path.split(separator: "::").last.map(String.init) ?? path
    return try at(operand) { () throws(ValueError) -> Bool? in
      let value = try value.unwrapped()
      guard let names = try value.variantNames(), names.contains(name) else { return nil }
      return try value.activeVariant()?.name == name
    }
  }

  // MARK: Arithmetic

  private func arithmetic(
    _ operation: BinaryOperator, _ left: Syntax, _ right: Syntax, at syntax: Syntax
  ) throws(ExpressionError) -> Value {
    let first = try value(of: left)
    let second = try value(of: right)
    if let value = try pointerArithmetic(operation, first, second, at: syntax) { return value }
    let a = try number(first, at: left)
    let b = try number(second, at: right)
    let (result, overflow) = try compute(operation, a, b, at: syntax)
    guard !overflow else { throw ExpressionError("overflow", offset: syntax.offset) }
    // Two numbers of one type give that type again while the result fits.
    if first.type.name == second.type.name, let range = BuiltinType.range(of: first.type),
      range.contains(result)
    {
      return make(first.type, result)
    }
    return make(result)
  }

  private func number(_ value: Value, at syntax: Syntax) throws(ExpressionError) -> Int128 {
    try at(syntax) { () throws(ValueError) in
      let scalar = try value.unwrapped().scalar()
      if case .base(.float) = try scalar.bareType().kind {
        throw ValueError(path: value.path, .wrongType("no arithmetic on floating-point numbers"))
      }
      return try scalar.integer()
    }
  }

  private func compute(
    _ operation: BinaryOperator, _ a: Int128, _ b: Int128, at syntax: Syntax
  ) throws(ExpressionError) -> (partialValue: Int128, overflow: Bool) {
    switch operation {
    case .add: return a.addingReportingOverflow(b)
    case .subtract: return a.subtractingReportingOverflow(b)
    case .multiply: return a.multipliedReportingOverflow(by: b)
    case .divide, .remainder:
      guard b != 0 else { throw ExpressionError("division by zero", offset: syntax.offset) }
      return operation == .divide
        ? a.dividedReportingOverflow(by: b) : a.remainderReportingOverflow(dividingBy: b)
    case .bitAnd: return (a & b, false)
    case .bitOr: return (a | b, false)
    case .bitXor: return (a ^ b, false)
    case .shiftLeft, .shiftRight:
      guard (0..<127).contains(b) else {
        throw ExpressionError("a shift by \(b) bits", offset: syntax.offset)
      }
      let result = operation == .shiftLeft ? a << b : a >> b
      return (result, operation == .shiftLeft && result >> b != a)
    default: return (0, true)
    }
  }

  /// A raw pointer and a number, in steps of what it points to; nil: neither is a pointer.
  private func pointerArithmetic(
    _ operation: BinaryOperator, _ first: Value, _ second: Value, at syntax: Syntax
  ) throws(ExpressionError) -> Value? {
    guard operation == .add || operation == .subtract,
      case .pointer(let reference?) = first.type.kind
    else { return nil }
    return try at(syntax) { () throws(ValueError) -> Value? in
      if case .pointer = second.type.kind { return nil }
      guard let size = try first.resolve(reference).byteCount else { return nil }
      let (steps, overflow) = try second.unwrapped().integer()
        .multipliedReportingOverflow(by: Int128(size))
      guard !overflow else { throw first.error(.limit("the address overflows")) }
      let start = Int128(try first.unsigned())
      let address = UInt64(truncatingIfNeeded: operation == .add ? start &+ steps : start &- steps)
      return first.moved(to: address)
    }
  }
}
