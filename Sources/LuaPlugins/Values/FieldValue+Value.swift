import Expressions
import KernelModel
import Symbols

extension FieldReader {
  /// What a typed value is as a field, by its type and by what the vocabulary says of the field.
  static func convert(
    _ value: Value, as form: FieldDescription.Form
  ) throws(ValueError) -> FieldValue {
    guard let some = try value.some() else { return .none }
    let value = try some.unwrapped()
    if let text = try? value.string() {
      return .text(TargetText.string(try text.bytes(limit: Value.maximumTextCount)))
    }
    if form == .list { return try list(value) }
    if let variant = try value.activeVariant() { return .text(Value.word(variant.name)) }
    if case .text(let text)? = try value.view() { return .text(text) }
    return try scalar(value, as: form)
  }

  private static func list(_ value: Value) throws(ValueError) -> FieldValue {
    var elements: [FieldValue] = []
    for entry in try value.entries(limit: maximumListCount) {
      elements.append(try convert(entry.value, as: .text))
    }
    return .list(elements)
  }

  private static func scalar(
    _ value: Value, as form: FieldDescription.Form
  ) throws(ValueError) -> FieldValue {
    let scalar = try value.scalar()
    let isPointer: Bool
    switch try scalar.bareType().kind {
    case .base(.boolean): return .text(try scalar.bool() ? "true" : "false")
    case .enumeration:
      if let variant = try scalar.activeVariant() { return .text(Value.word(variant.name)) }
      isPointer = false
    case .pointer: isPointer = true
    default: isPointer = false
    }
    let number = try scalar.integer()
    guard let bits = UInt64(exactly: number) else { return .text(String(number)) }
    return Self.number(bits, as: isPointer && form == .text ? .address : form)
  }
}
