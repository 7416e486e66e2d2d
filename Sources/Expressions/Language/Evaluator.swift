import Binary
import Machine
import Symbols

/// Gives a parsed expression its value.
struct Evaluator {
  let context: any EvaluationContext
  let source: String

  func value(of syntax: Syntax) throws(ExpressionError) -> Value {
    switch syntax.kind {
    case .number(let number): return try literal(number, at: syntax)
    case .boolean(let value): return make(BuiltinType.bool, value ? 1 : 0)
    case .character(let scalar): return make(BuiltinType.character, Int128(scalar.value))
    case .string:
      throw ExpressionError("text is only a key or compared with text", offset: syntax.offset)
    case .path(let path): return try variable(path, at: syntax)
    case .register(let name): return try register(name, at: syntax)
    case .history(let number): return try history(number, at: syntax)
    case .member(let operand, let name):
      let value = try value(of: operand)
      return try at(syntax) { () throws(ValueError) in try value.smartMember(named: name) }
    case .index(let operand, let index): return try element(of: operand, index, at: syntax)
    case .slice(let operand, let from, let to, let isClosed):
      return try slice(of: operand, from: from, to: to, isClosed: isClosed, at: syntax)
    case .unary(let operation, let operand): return try unary(operation, operand, at: syntax)
    case .binary(let operation, let left, let right):
      return try binary(operation, left, right, at: syntax)
    case .cast(let operand, let type): return try cast(operand, to: type)
    case .sizeOfType(let type): return try size(of: resolve(type), at: syntax)
    case .size(let type, let inner): return try size(of: type, or: inner, at: syntax)
    }
  }

  /// Runs what may fail at this place of the expression.
  func at<Result>(
    _ syntax: Syntax, _ body: () throws(ValueError) -> Result
  ) throws(ExpressionError) -> Result {
    do throws(ValueError) {
      return try body()
    } catch {
      throw ExpressionError(error.reason, offset: syntax.offset, cause: error)
    }
  }

  /// A number that is nowhere in the target.
  func make(_ type: Type, _ number: Int128) -> Value {
    let count = Int(clamping: min(type.byteCount ?? 0, 16))
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: number >> Int128($0 * 8)) }
    return Value(type: type, location: .bytes(bytes), memory: context.memory, path: "")
  }

  /// A number of the smallest of `i64`, `u64`, `i128` that holds it.
  func make(_ number: Int128) -> Value {
    if Int64(exactly: number) != nil { return make(BuiltinType.i64, number) }
    if UInt64(exactly: number) != nil { return make(BuiltinType.u64, number) }
    return make(BuiltinType.i128, number)
  }

  private func literal(_ number: UInt128, at syntax: Syntax) throws(ExpressionError) -> Value {
    guard let number = Int128(exactly: number) else {
      throw ExpressionError("the number is too large", offset: syntax.offset)
    }
    return make(number)
  }

  // MARK: Names

  private func variable(_ path: String, at syntax: Syntax) throws(ExpressionError) -> Value {
    if let value = try find(path, at: syntax) { return value }
    throw ExpressionError("no variable or function `\(path)` here", offset: syntax.offset)
  }

  /// nil: there is none of that name.
  func find(_ path: String, at syntax: Syntax) throws(ExpressionError) -> Value? {
    let path = path.hasPrefix("::") ? String(path.dropFirst(2)) : path
    let found = try at(syntax) { () throws(ValueError) -> Value? in
      if let value = try context.variable(named: path) { return value }
      return try context.function(named: path)
    }
    return found ?? limit(named: path)
  }

  /// `u32::MAX`, `i8::MIN`.
  private func limit(named path: String) -> Value? {
    for suffix in ["::MAX", "::MIN"] where path.hasSuffix(suffix) {
      guard let type = BuiltinType.named(String(path.dropLast(suffix.count))),
        let range = BuiltinType.range(of: type)
      else { return nil }
      return make(type, suffix == "::MAX" ? range.upperBound : range.lowerBound)
    }
    return nil
  }

  private func register(_ name: String, at syntax: Syntax) throws(ExpressionError) -> Value {
    let found = try at(syntax) { () throws(ValueError) in
      try context.register(named: name.lowercased())
    }
    if let found { return found }
    throw ExpressionError("no register `$\(name)` here", offset: syntax.offset)
  }

  private func history(_ number: Int, at syntax: Syntax) throws(ExpressionError) -> Value {
    if let value = context.history(number) { return value }
    let name = number > 0 ? "$\(number)" : number == 0 ? "$" : "$$\(-number)"
    throw ExpressionError("no value `\(name)` in the history", offset: syntax.offset)
  }

  // MARK: Elements

  private func element(
    of operand: Syntax, _ index: Syntax, at syntax: Syntax
  ) throws(ExpressionError) -> Value {
    let container = try value(of: operand)
    if case .string(let text) = index.kind {
      return try at(syntax) { () throws(ValueError) in try container.smartElement(key: text) }
    }
    let number = try integer(of: index)
    return try at(syntax) { () throws(ValueError) in try container.smartElement(number) }
  }

  /// Elements side by side in memory, as an array.
  private func slice(
    of operand: Syntax, from: Syntax?, to: Syntax?, isClosed: Bool, at syntax: Syntax
  ) throws(ExpressionError) -> Value {
    let container = try value(of: operand)
    let start = try from.map { syntax throws(ExpressionError) in try integer(of: syntax) } ?? 0
    var end = try to.map { syntax throws(ExpressionError) in try integer(of: syntax) }
    if isClosed, let last = end { end = last &+ 1 }
    return try at(syntax) { () throws(ValueError) in
      let end = if let end { end } else { Int128(try container.length()) }
      return try container.slice(from: start, to: end)
    }
  }

  // MARK: Operators

  func integer(of syntax: Syntax) throws(ExpressionError) -> Int128 {
    let value = try value(of: syntax)
    return try at(syntax) { () throws(ValueError) in try value.unwrapped().integer() }
  }

  func truth(of syntax: Syntax) throws(ExpressionError) -> Bool {
    try integer(of: syntax) != 0
  }

  private func unary(
    _ operation: UnaryOperator, _ operand: Syntax, at syntax: Syntax
  ) throws(ExpressionError) -> Value {
    switch operation {
    case .not: return make(BuiltinType.bool, try truth(of: operand) ? 0 : 1)
    case .dereference:
      let value = try value(of: operand)
      return try at(syntax) { () throws(ValueError) in try value.target() }
    case .addressOf: return try address(of: operand, at: syntax)
    case .negate:
      let (number, overflow) = Int128(0).subtractingReportingOverflow(try integer(of: operand))
      guard !overflow else { throw ExpressionError("overflow", offset: syntax.offset) }
      return make(number)
    case .complement:
      let value = try value(of: operand)
      let number = try integer(of: operand)
      guard let range = BuiltinType.range(of: value.type), range.lowerBound == 0 else {
        return make(~number)
      }
      return make(value.type, ~number & range.upperBound)
    }
  }

  private func address(of operand: Syntax, at syntax: Syntax) throws(ExpressionError) -> Value {
    let value = try value(of: operand)
    guard let address = value.address else {
      throw ExpressionError("it is not in memory, so it has no address", offset: syntax.offset)
    }
    return make(BuiltinType.pointer(to: value.type), Int128(address.rawValue)).named(
      "&" + value.path)
  }

  private func cast(_ operand: Syntax, to text: TypeText) throws(ExpressionError) -> Value {
    let type = try resolve(text)
    let value = try value(of: operand)
    switch type.kind {
    case .base, .pointer, .enumeration: break
    default:
      throw ExpressionError(
        "only numbers and pointers are cast; try `*(ADDRESS as *const \(text.text))`",
        offset: text.offset)
    }
    return try at(operand) { () throws(ValueError) in
      // The value's own address space counts for a pointer, not the context's.
      try value.unwrapped().cast(to: type).named(value.path)
    }
  }

  // MARK: Sizes

  private func size(
    of type: TypeText, or inner: Syntax, at syntax: Syntax
  ) throws(ExpressionError) -> Value {
    if case .path(let path) = inner.kind, let value = try find(path, at: syntax) {
      return try size(of: value.type, at: syntax)
    }
    if let type = try? resolve(type) { return try size(of: type, at: syntax) }
    return try size(of: value(of: inner).type, at: syntax)
  }

  private func size(of type: Type, at syntax: Syntax) throws(ExpressionError) -> Value {
    let value = Value(type: type, location: .bytes([]), memory: context.memory, path: "")
    let size = try at(syntax) { () throws(ValueError) in try value.byteCount() }
    return make(BuiltinType.named("usize") ?? BuiltinType.u64, Int128(size))
  }
}
