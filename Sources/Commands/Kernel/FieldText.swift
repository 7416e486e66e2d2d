import Binary
import KernelModel

/// Fields as people read them. All text is raw: the rendering escapes it.
enum FieldText {
  /// A cell: `-` for nothing, `?` behind what is inferred.
  static func cell(
    _ field: Field?, _ description: FieldDescription, names: ObjectNames = .none
  ) -> Span {
    guard let field else { return Span("") }
    var text = text(field.value, description.form)
    if case .reference(let reference) = field.value, let name = names[reference] {
      text += " " + name
    }
    switch field.certainty {
    case .unavailable: return Span("<unavailable>", .bad)
    case .inferred: return Span(text + "?", .waiting)
    case .certain: return Span(text, style(field, description))
    }
  }

  /// The value alone.
  static func text(_ value: FieldValue, _ form: FieldDescription.Form) -> String {
    switch value {
    case .none: "-"
    case .number(let number): form == .duration ? duration(number) : String(number)
    case .address(let address): address.hex(width: 16)
    case .hex(let number): number.hex()
    case .text(let text): text
    case .duration(let nanoseconds): duration(nanoseconds)
    case .reference(let reference): self.reference(reference, form)
    case .list(let elements):
      elements.isEmpty
        ? "-" : elements.map { text($0, elementForm(form)) }.joined(separator: ",")
    }
  }

  /// The kind is left out where the column says it.
  private static func reference(
    _ reference: ObjectReference, _ form: FieldDescription.Form
  ) -> String {
    if case .reference(let kind?) = form, kind.rawValue == reference.kind { return reference.id }
    return form == .list ? reference.id : reference.description
  }

  private static func elementForm(_ form: FieldDescription.Form) -> FieldDescription.Form { form }

  /// `1.234567 s`, from nanoseconds; digits below a microsecond are cut.
  static func duration(_ nanoseconds: UInt64) -> String {
    let microseconds = nanoseconds / 1000
    if nanoseconds < 1_000_000 { return decimal(nanoseconds, 1000, digits: 3) + " us" }
    if microseconds < 1_000_000 { return decimal(microseconds, 1000, digits: 3) + " ms" }
    return decimal(microseconds, 1_000_000, digits: 6) + " s"
  }

  private static func decimal(_ value: UInt64, _ unit: UInt64, digits: Int) -> String {
    let fraction = String(value % unit)
    return "\(value / unit)."
      + String(repeating: "0", count: max(0, digits - fraction.count)) + fraction
  }

  private static func style(_ field: Field, _ description: FieldDescription) -> Style {
    if field.value == .none { return .dim }
    guard case .text(let text) = field.value else { return .plain }
    switch description.name {
    case "name": return .name
    case "state", "outcome": return stateStyles[text] ?? .plain
    default: return .plain
    }
  }

  private static let stateStyles: [String: Style] = [
    "running": .good, "ready": .busy, "blocked": .waiting, "idle": .dim, "dead": .bad,
    "failed": .bad, "restarted": .waiting, "retried": .good, "halted": .waiting,
  ]
}
