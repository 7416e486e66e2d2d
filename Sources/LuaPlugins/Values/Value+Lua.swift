import Expressions
import KernelModel
import Machine

extension LuaError {
  /// A value that could not be read, as an error for Lua.
  init(_ error: ValueError) {
    var kind = Kind.target
    if case .memory(let memory) = error.kind, memory.reason == .interrupted { kind = .interrupted }
    self.init(error.description, kind: kind)
  }

  static func wrapping<Result>(
    _ body: () throws(ValueError) -> Result
  ) throws(LuaError) -> Result {
    do throws(ValueError) {
      return try body()
    } catch {
      throw LuaError(error)
    }
  }
}

/// What plugin code asks of a typed value.
extension Value {
  func field(_ name: String) throws(ValueError) -> Value { throw todo }
  func hasField(_ name: String) throws(ValueError) -> Bool { throw todo }
  func entry(at key: Int64) throws(ValueError) -> Value { throw todo }
  func target() throws(ValueError) -> Value { throw todo }
  func variant() throws(ValueError) -> (String, Value?) { throw todo }
  func pairs(
    limit: Int
  ) throws(ValueError) -> (pairs: [(key: Value?, value: Value)], problem: String?) { throw todo }
  func count() throws(ValueError) -> UInt64 { throw todo }
  func number() throws(ValueError) -> Int64 { throw todo }
  func characters() throws(ValueError) -> [UInt8] { throw todo }
  func flag() throws(ValueError) -> Bool { throw todo }
  func some() throws(ValueError) -> Value? { throw todo }
  func line() -> String { "" }
  var place: LuaValue { address.map { .integer(Int64(bitPattern: $0.rawValue)) } ?? .none }

  private var todo: ValueError { ValueError(path: path, .unavailable("not written yet")) }
}

enum Evaluation {
  static func value(of text: String, in context: any EvaluationContext) throws(LuaError) -> Value {
    throw LuaError("not written yet")
  }
}

extension Value {
  func firstBytes(limit: Int) -> [UInt8] { [] }
  func targetText(limit: Int) -> (address: Address, bytes: [UInt8])? { nil }
}

extension FieldReader {
  static func convert(
    _ value: Value, as form: FieldDescription.Form
  ) throws(ValueError) -> FieldValue { .none }
}
extension Value {
  func arrayElements() throws(ValueError) -> [Value]? { nil }
}
