import KernelModel

/// One object in full: every field, with its meaning's reason where it is not certain.
enum ObjectDetails {
  static func lines(_ object: KernelObject, _ names: ObjectNames) -> [Line] {
    let width = (object.kind.fields.map(\.name.count).max() ?? 0) + 2
    var lines: [Line] = []
    for description in object.kind.fields {
      guard let field = object.fields[description.name] else { continue }
      let label = description.name.padded(to: width)
      var spans = [Span("  " + label, .dim), FieldText.cell(field, description, names: names)]
      if let reason = reason(field.certainty) { spans.append(Span("  (\(reason))", .dim)) }
      lines.append(Line(spans))
    }
    if let problem = object.problem { lines.append(Line("  ! " + problem, .bad)) }
    return lines
  }

  private static func reason(_ certainty: Certainty) -> String? {
    switch certainty {
    case .certain: nil
    case .inferred(let rule): "inferred: \(rule)"
    case .unavailable(let reason): reason
    }
  }
}

extension String {
  /// With blanks behind it, at least `width` characters.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
