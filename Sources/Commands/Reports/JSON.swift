/// A JSON value whose members keep their order.
public enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(UInt64)
  case negative(Int64)
  case string(String)
  case array([JSON])
  case object([Member])

  public struct Member: Sendable, Equatable {
    public let name: String
    public let value: JSON

    public init(_ name: String, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }

  public static func int(_ value: Int) -> JSON {
    value < 0 ? .negative(Int64(value)) : .number(UInt64(value))
  }

  /// `"0x..."`.
  public static func hex(_ value: UInt64) -> JSON { .string("0x" + String(value, radix: 16)) }

  /// A string, or null.
  public static func text(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }

  /// The value as one line of RFC 8259 text. Nothing in it can act on a terminal: characters that
  /// `Escaping` would not let through are written as `\uXXXX`.
  public var text: String {
    var output = ""
    write(to: &output)
    return output
  }

  private func write(to output: inout String) {
    switch self {
    case .null: output += "null"
    case .bool(let value): output += value ? "true" : "false"
    case .number(let value): output += String(value)
    case .negative(let value): output += String(value)
    case .string(let value): Self.quote(value, to: &output)
    case .array(let elements):
      output += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { output += "," }
        element.write(to: &output)
      }
      output += "]"
    case .object(let members):
      output += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { output += "," }
        Self.quote(member.name, to: &output)
        output += ":"
        member.value.write(to: &output)
      }
      output += "}"
    }
  }

  private static func quote(_ text: String, to output: inout String) {
    output += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      default:
        if scalar.value >= 0x20 && scalar.value < 0x7f || Escaping.isHarmless(scalar) {
          output.unicodeScalars.append(scalar)
        } else {
          for unit in String(scalar).utf16 { output += unitEscape(unit) }
        }
      }
    }
    output += "\""
  }

  private static func unitEscape(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }
}
