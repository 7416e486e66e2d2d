import Binary
import Expressions
import Machine
import Symbols

/// Evaluates an expression and remembers its value.
struct PrintCommand: Command {
  let name = "print"
  let aliases = ["p", "inspect"]
  let summary = "the value of an expression"
  let group = CommandGroup.memory
  let usage = ["print[/F] EXPRESSION"]
  let details = [
    "F: x hexadecimal, d signed, u unsigned, t binary, o octal, c character, a address, s string, r raw.",
    "Values are remembered as $1, $2, ...; $ is the last one.",
    "For a shell pipe write 'pipe print EXPRESSION | COMMAND'.",
  ]
  let takesExpression = true
  let arguments = ArgumentKind.symbols

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    guard !arguments.isEmpty else { throw .usage("print: which expression?") }
    let value = try Evaluation(context).value(arguments.raw)
    let text: [String]
    if arguments.modifier.isEmpty {
      text = ValueText.lines(value, width: (context.terminal.width ?? 100) - 6)
    } else {
      text = [try formatted(value, arguments.modifier)]
    }
    let number = context.session.remember(value)
    var report = Report()
    for (index, line) in text.enumerated() {
      let prefix = index == 0 ? [Span("$\(number)", .dim), Span(" = ")] : []
      report.add(Line(prefix + [Span(line)]))
    }
    report.data = [
      "number": .int(number), "expression": .string(arguments.raw),
      "type": .string(value.type.qualifiedName),
      "address": value.address.map { .hex($0.rawValue) } ?? .null,
      "value": arguments.modifier.isEmpty
        ? ValueText.json(value.format()) : .string(text.joined(separator: "\n")),
    ]
    return report
  }

  private func formatted(_ value: Value, _ modifier: String) throws(CommandError) -> String {
    guard modifier.count == 1, let letter = modifier.first,
      let format = NumberFormat(rawValue: letter)
    else {
      throw .usage("print: unknown format '\(modifier)'", hint: details[0])
    }
    let bits = Int(clamping: min(value.type.byteCount ?? 8, 8)) * 8
    do throws(ValueError) {
      return format.text(try value.unsigned(), bits: bits)
    } catch {
      throw Evaluation.error(error)
    }
  }
}

/// GDB's letters for numbers (GDB manual, "Output Formats").
enum NumberFormat: Character {
  case hexadecimal = "x"
  case signed = "d"
  case unsigned = "u"
  case binary = "t"
  case octal = "o"
  case character = "c"
  case address = "a"
  case raw = "r"
  case padded = "z"

  func text(_ number: UInt64, bits: Int) -> String {
    switch self {
    case .hexadecimal, .raw: return number.hex()
    case .padded: return number.hex(width: bits / 4)
    case .address: return number.hex(width: 16)
    case .unsigned: return String(number)
    case .signed:
      let shift = UInt64(64 - min(max(bits, 1), 64))
      return String(Int64(bitPattern: number << shift) >> Int64(shift))
    case .binary: return "0b" + String(number, radix: 2)
    case .octal: return "0" + String(number, radix: 8)
    case .character:
      let byte = UInt8(truncatingIfNeeded: number)
      return "\(number) '\(Escaping.line(bytes: [byte]))'"
    }
  }
}
