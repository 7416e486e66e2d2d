import Expressions
import KernelModel
import Machine

/// Makes fields of the model out of what a plugin put into a row.
struct FieldReader {
  /// The most elements of a list that are shown.
  static let maximumListCount = 4096

  /// nil: the row has no such field.
  func field(_ value: LuaValue, as form: FieldDescription.Form) -> Field? {
    if value.isNone { return nil }
    do throws(LuaError) {
      return try read(value, as: form)
    } catch {
      var evidence: [Evidence] = []
      if case .value(let value) = value { evidence = Evidence.all(of: value) }
      return Field(.none, certainty: .unavailable(error.message), evidence: evidence)
    }
  }

  private func read(
    _ value: LuaValue, as form: FieldDescription.Form
  ) throws(LuaError) -> Field {
    switch value {
    case .none: return Field(.none)
    case .table(let table):
      if let kind = table["__field"].text { return try described(kind, table, as: form) }
      return try list(table.list)
    case .value(let value):
      let result = try LuaError.wrapping { () throws(ValueError) in
        try FieldReader.convert(value, as: form)
      }
      return Field(result, evidence: Evidence.all(of: value))
    default: return Field(try plain(value, as: form))
    }
  }

  // MARK: Plain Lua values

  private func plain(
    _ value: LuaValue, as form: FieldDescription.Form
  ) throws(LuaError) -> FieldValue {
    switch value {
    case .bool(let flag): return .text(flag ? "true" : "false")
    case .string(let bytes):
      let text = TargetText.string(bytes)
      guard case .reference(let kind?) = form else { return .text(text) }
      return .reference(ObjectReference(kind, text))
    case .integer(let number): return Self.number(UInt64(bitPattern: number), as: form)
    case .number(let number):
      if let whole = Int64(exactly: number) {
        return Self.number(UInt64(bitPattern: whole), as: form)
      }
      return .text("\(number)")
    default: throw LuaError("a field cannot hold a \(value.kind)")
    }
  }

  /// A number as the vocabulary reads it; negative ones were spelled out before.
  static func number(_ number: UInt64, as form: FieldDescription.Form) -> FieldValue {
    switch form {
    case .address: .address(number)
    case .hex: .hex(number)
    case .duration: .duration(number)
    case .reference(let kind?): .reference(ObjectReference(kind, String(number)))
    case .number, .text, .list, .reference(nil): .number(number)
    }
  }

  private func list(_ elements: [LuaValue]) throws(LuaError) -> Field {
    guard elements.count <= Self.maximumListCount else {
      throw LuaError("the list has \(elements.count) elements", kind: .limit)
    }
    var values: [FieldValue] = []
    var evidence: [Evidence] = []
    var certainty = Certainty.certain
    for element in elements {
      let field = try read(element, as: .text)
      values.append(field.value)
      evidence += field.evidence
      if field.certainty != .certain { certainty = field.certainty }
    }
    return Field(.list(values), certainty: certainty, evidence: evidence)
  }

  // MARK: Fields with a remark (`k.inferred`, `k.ref`, ...)

  private func described(
    _ kind: String, _ table: LuaTable, as form: FieldDescription.Form
  ) throws(LuaError) -> Field {
    let evidence = evidence(of: table["evidence"])
    let rule = table["rule"].text ?? ""
    switch kind {
    case "none": return Field(.none, evidence: evidence)
    case "unavailable":
      return Field(.none, certainty: .unavailable(rule), evidence: evidence)
    case "inferred":
      let inner = try read(table["value"], as: form)
      return Field(
        inner.value, certainty: .inferred(rule), evidence: inner.evidence + evidence)
    case "ref":
      let inner = try read(table["value"], as: .number)
      return Field(
        try Self.reference(kind: rule, inner.value), certainty: inner.certainty,
        evidence: inner.evidence + evidence)
    default:
      let inner = try read(table["value"], as: Self.forms[kind] ?? form)
      return Field(
        inner.value, certainty: inner.certainty, evidence: inner.evidence + evidence)
    }
  }

  private static let forms: [String: FieldDescription.Form] = [
    "hex": .hex, "address": .address, "duration": .duration, "text": .text,
  ]

  private static func reference(kind: String, _ id: FieldValue) throws(LuaError) -> FieldValue {
    switch id {
    case .none: return .none
    case .number(let number): return .reference(ObjectReference(kind: kind, id: String(number)))
    case .text(let text): return .reference(ObjectReference(kind: kind, id: text))
    default: throw LuaError("the id of a \(kind) must be a number or a string")
    }
  }

  private func evidence(of value: LuaValue) -> [Evidence] {
    guard let table = value.table else { return [] }
    var result: [Evidence] = []
    for element in table.list.prefix(64) {
      if case .value(let value) = element { result += Evidence.all(of: value) }
      // A field made by `k.ref` and the like brings its own along.
      if let inner = element.table { result += evidence(of: inner["evidence"]) }
    }
    return result
  }
}
