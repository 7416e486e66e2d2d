import Binary
import Expressions

/// Values as text, by the formatters that kscope registered.
enum ValueText {
  /// On one line.
  static func line(_ value: Value) -> String { value.format().renderLine() }

  /// On one line when it fits, else indented.
  static func lines(_ value: Value, width: Int) -> [String] {
    value.format().renderIndented(width: width).split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
  }

  /// A formatted value as JSON: scalars as strings, structures as objects.
  static func json(_ node: FormatNode) -> JSON {
    switch node.content {
    case .text(let text): return named(node, UInt64(text).map { .number($0) } ?? .string(text))
    case .string(let bytes, _): return .string(String(decoding: bytes, as: UTF8.self))
    case .fields(let fields):
      return named(
        node, .object(fields.map { JSON.Member($0.label ?? "", json($0)) }))
    case .tuple(let elements), .sequence(let elements):
      return named(node, .array(elements.map(json)))
    case .map(let pairs): return named(node, .array(pairs.map { .array($0.map(json)) }))
    case .problem(let reason): return ["unavailable": .string(reason)]
    }
  }

  private static func named(_ node: FormatNode, _ content: JSON) -> JSON {
    guard let name = node.name else { return content }
    return ["type": .string(name), "value": content]
  }
}
