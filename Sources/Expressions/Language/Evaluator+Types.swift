import Machine
import Symbols

extension Evaluator {
  /// The type that somebody wrote, Rust's way or C's.
  func resolve(_ type: TypeText) throws(ExpressionError) -> Type {
    try resolve(Self.normalised(type.text), at: type.offset, depth: 0)
  }

  private func resolve(
    _ text: String, at offset: Int, depth: Int
  ) throws(ExpressionError) -> Type {
    guard depth < 32 else { throw ExpressionError("the type is nested too deeply", offset: offset) }
    if let type = BuiltinType.named(text) { return type }
    if let type = try lookUp(text, at: offset) { return type }
    for prefix in ["*const ", "*mut ", "&mut ", "&"] where text.hasPrefix(prefix) {
      let rest = String(text.dropFirst(prefix.count))
      return pointer(to: try resolve(rest, at: offset, depth: depth + 1), named: text)
    }
    if text.hasSuffix("*") {
      let rest = Self.normalised(String(text.dropLast()))
      if rest == "void" { return Type(name: "*const ()", byteCount: 8, kind: .pointer(nil)) }
      return BuiltinType.pointer(to: try resolve(rest, at: offset, depth: depth + 1))
    }
    if let array = try array(text, at: offset, depth: depth) { return array }
    throw ExpressionError("no type `\(TargetText.escaped(text))`", offset: offset)
  }

  private func lookUp(_ name: String, at offset: Int) throws(ExpressionError) -> Type? {
    do throws(ValueError) {
      return try context.type(named: name)
    } catch {
      throw ExpressionError(error.reason, offset: offset, cause: error)
    }
  }

  private func pointer(to type: Type, named name: String) -> Type {
    Type(name: name, byteCount: 8, kind: .pointer(TypeReference(type)))
  }

  /// `[T; N]`.
  private func array(
    _ text: String, at offset: Int, depth: Int
  ) throws(ExpressionError) -> Type? {
    guard text.hasPrefix("["), text.hasSuffix("]"), let semicolon = text.lastIndex(of: ";") else {
      return nil
    }
    let element = Self.normalised(String(text[text.index(after: text.startIndex)..<semicolon]))
    let digits = text[text.index(after: semicolon)...].dropLast().filter { $0 != " " && $0 != "_" }
    guard let count = UInt64(digits) else { return nil }
    return BuiltinType.array(
      of: try resolve(element, at: offset, depth: depth + 1), count: count)
  }

  /// One blank after commas, none at the ends: how compilers write names.
  static func normalised(_ text: String) -> String {
    var output = ""
    var hasPendingBlank = false
    for character in text {
      if character == " " || character == "\t" {
        hasPendingBlank = true
        continue
      }
      let previous = output.last
      let needsBlank =
        previous == "," || previous == ";"
        || (hasPendingBlank && Self.isNameEnd(previous) && Self.isNameStart(character))
      if needsBlank { output += " " }
      hasPendingBlank = false
      output.append(character)
    }
    return output
  }

  private static func isNameEnd(_ character: Character?) -> Bool {
    guard let character else { return false }
    return character.isLetter || character.isNumber || character == "_" || character == ">"
  }

  private static func isNameStart(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "_&*[({".contains(character)
  }
}

extension Value {
  /// What `*` of it means: the inside of a wrapper, or what a pointer points to.
  func target() throws(ValueError) -> Value {
    if case .transparent(let inner, _) = try view() { return inner.named("*" + path) }
    return try dereferenced()
  }

  /// The same pointer with another address.
  func moved(to address: UInt64) -> Value {
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: address >> UInt64($0 * 8)) }
    return Value(type: type, location: .bytes(bytes), memory: memory, path: path)
  }

  /// The names of an enum's variants, or nil: it is none.
  func variantNames() throws(ValueError) -> [String]? {
    switch try bareType().kind {
    case .enumeration(let enumeration): enumeration.enumerators.map(\.name)
    case .structure(let composite): composite.variants?.variants.compactMap(\.member.name)
    default: nil
    }
  }

  /// The elements from `start` up to `end` as an array, when they lie side by side.
  func slice(from start: Int128, to end: Int128) throws(ValueError) -> Value {
    let (difference, overflow) = end.subtractingReportingOverflow(start)
    guard let count = UInt64(exactly: difference), !overflow, start >= 0 else {
      throw error(.noSuchMember("the range \(start)..\(end) is none"))
    }
    guard count > 0 else {
      let empty = BuiltinType.array(of: BuiltinType.unit, count: 0)
      return Value(type: empty, location: .bytes([]), memory: memory, path: path)
    }
    let first = try smartElement(start)
    let last = try smartElement(end - 1)
    let array = BuiltinType.array(of: first.type, count: count)
    let path = "\(path)[\(start)..\(end)]"
    guard let address = first.address, let lastAddress = last.address else {
      throw error(.wrongType("its elements are not in memory"))
    }
    let step = first.type.byteCount ?? 0
    guard
      lastAddress.rawValue &- address.rawValue
        == (count - 1).multipliedReportingOverflow(by: step).partialValue
    else { throw error(.wrongType("these elements do not lie side by side")) }
    return Value(type: array, location: .memory(address), memory: memory, path: path)
  }
}
