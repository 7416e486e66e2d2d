import KernelModel

/// Objects of the kernel as JSON; the shape that `JSONSchemas` documents.
enum FieldJSON {
  /// `{"id": ..., fields..., "problem": ...}`; fields that this kernel does not have are left out.
  static func object(_ object: KernelObject) -> JSON {
    var members = [JSON.Member("id", .string(object.id))]
    for description in object.kind.fields {
      guard let field = object.fields[description.name] else { continue }
      members.append(.init(description.name, self.field(field)))
    }
    if let problem = object.problem { members.append(.init("problem", .string(problem))) }
    return .object(members)
  }

  static func field(_ field: Field) -> JSON {
    switch field.certainty {
    case .certain: return value(field.value)
    case .inferred(let reason):
      return [
        "value": value(field.value), "certainty": "inferred", "reason": .string(reason),
      ]
    case .unavailable(let reason):
      return ["value": .null, "certainty": "unavailable", "reason": .string(reason)]
    }
  }

  static func value(_ value: FieldValue) -> JSON {
    switch value {
    case .none: .null
    case .number(let number), .duration(let number): .number(number)
    case .address(let number), .hex(let number): .hex(number)
    case .text(let text): .string(text)
    case .reference(let reference): self.reference(reference)
    case .list(let elements): .array(elements.map { self.value($0) })
    }
  }

  static func reference(_ reference: ObjectReference) -> JSON {
    ["kind": .string(reference.kind), "id": .string(reference.id)]
  }
}
