import KernelModel

/// `state=blocked domain!=3 name~log`: which rows a view shows.
struct ObjectFilter: Equatable {
  private enum Test: Equatable { case equal, different, contains }
  private struct Condition: Equatable {
    let field: String
    let test: Test
    let value: String
  }

  private var conditions: [Condition] = []

  /// Every word must be `FIELD=VALUE`, `FIELD!=VALUE` or `FIELD~PART`, of a field that `kind` has.
  init(_ words: [String], kind: ObjectKind, command: String) throws(CommandError) {
    for word in words {
      conditions.append(try Self.condition(word, kind: kind, command: command))
    }
  }

  private static func condition(
    _ word: String, kind: ObjectKind, command: String
  ) throws(CommandError) -> Condition {
    let name = String(word.prefix { $0.isLetter || $0 == "_" })
    let rest = word.dropFirst(name.count)
    let marks: [(String, Test)] = [("!=", .different), ("=", .equal), ("~", .contains)]
    guard !name.isEmpty, let (mark, test) = marks.first(where: { rest.hasPrefix($0.0) }) else {
      throw .usage(
        "\(command): unexpected argument '\(word)'",
        hint:
          "filters look like \(kind.fields.first?.name ?? "name")=VALUE, FIELD!=VALUE, FIELD~PART")
    }
    let known = ["id"] + kind.fields.map(\.name)
    guard known.contains(name) else {
      let guess = Spelling.nearest(to: name, among: known)
      throw .usage(
        "\(command): no field '\(name)' in \(kind.plural)",
        hint: guess.map { "did you mean '\($0)'?" } ?? "fields: " + known.joined(separator: ", "))
    }
    return Condition(field: name, test: test, value: String(rest.dropFirst(mark.count)))
  }

  /// Rows that failed are kept: what could not be read might match.
  func accepts(_ object: KernelObject) -> Bool {
    conditions.allSatisfy { condition in
      if condition.field == "id" { return Self.test(condition, ["\(object.id)"]) }
      guard let field = object.fields[condition.field],
        let description = object.kind.field(condition.field)
      else { return object.problem != nil }
      if case .unavailable = field.certainty { return object.problem != nil }
      return Self.test(condition, Self.spellings(field.value, description.form))
    }
  }

  private static func test(_ condition: Condition, _ spellings: [String]) -> Bool {
    switch condition.test {
    case .equal: spellings.contains(condition.value)
    case .different: !spellings.contains(condition.value)
    case .contains: spellings.contains { $0.contains(condition.value) }
    }
  }

  /// All ways in which people write the value.
  private static func spellings(_ value: FieldValue, _ form: FieldDescription.Form) -> [String] {
    var result = [FieldText.text(value, form)]
    switch value {
    case .none: result.append("none")
    case .number(let number), .address(let number), .hex(let number), .duration(let number):
      result += [String(number), "0x" + String(number, radix: 16)]
    case .text: break
    case .reference(let reference):
      result += [reference.id, reference.description, "\(reference.kind):\(reference.id)"]
    case .list(let elements): result += elements.flatMap { spellings($0, form) }
    }
    return result
  }
}
