import Expressions
import Machine
import Symbols

/// The user's expressions, evaluated where the selection stands.
struct Evaluation {
  private let context: CommandContext

  init(_ context: CommandContext) { self.context = context }

  func value(_ text: String) throws(CommandError) -> Value {
    let evaluation = context.session.evaluationContext()
    do throws(ExpressionError) {
      return try Expression(parsing: text).evaluate(in: evaluation)
    } catch {
      if Interrupt.shared.isRequested { throw CommandError("interrupted", kind: .interrupted) }
      throw CommandError(error.message, excerpt: error.marked(in: text))
    }
  }

  /// The number that an expression gives; pointers give the address they hold.
  func number(_ text: String) throws(CommandError) -> UInt64 {
    do { return try context.session.evaluateAddress(text).rawValue } catch {
      throw CommandError(error)
    }
  }

  static func error(_ error: ValueError) -> CommandError {
    if case .memory(let memory) = error.kind, memory.reason == .interrupted {
      return CommandError("interrupted", kind: .interrupted)
    }
    return CommandError(error.description)
  }

  /// Where a value comes from: path, type, address and bytes.
  func explain(_ text: String) throws(CommandError) -> Report {
    let value = try self.value(text)
    var report = Report()
    report.add(Line([Span(text, .heading), Span(" = " + ValueText.line(value))]))
    report.add(
      Line([Span("  from "), Span(value.path, .name), Span(": " + value.type.qualifiedName)]))
    let (origin, bytes, address) = origin(of: value)
    report.add(origin)
    if !bytes.isEmpty { report.add(Line("  bytes " + WhyCommand.bytes(bytes), .dim)) }
    report.data = [
      "path": .string(value.path), "type": .string(value.type.qualifiedName),
      "address": address, "source": .text(source(of: value)?.description),
      "bytes": .string(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()),
    ]
    return report
  }

  /// Where the bytes of a value in memory come from.
  private func source(of value: Value) -> Provenance? {
    guard case .memory(let address) = value.location else { return nil }
    return context.session.provenance(of: address, in: Self.space(of: address, context))
  }

  /// The space that an address is meant in where nothing else says so.
  static func space(of address: Address, _ context: CommandContext) -> AddressSpace {
    address.isInUpperHalf ? .kernel : (try? context.selection().space) ?? .kernel
  }

  /// Where a value lies, and the first of its bytes.
  private func origin(of value: Value) -> (line: Line, bytes: [UInt8], address: JSON) {
    switch value.location {
    case .memory(let address):
      let space = (try? context.selection().space) ?? .kernel
      let image = context.session.describe(address, in: space).image
      let count = Int(clamping: min(value.type.byteCount ?? 0, 64))
      let bytes = (try? value.memory.read(address, count: count)) ?? []
      let source = source(of: value).map { " (\($0))" } ?? ""
      let line = Line("  at \(address)\(image.map { " in \($0)" } ?? "")\(source)")
      return (line, bytes, .hex(address.rawValue))
    case .bytes(let copy): return (Line("  computed, or from a register"), copy, .null)
    case .unavailable(let reason): return (Line("  unavailable: " + reason, .bad), [], .null)
    }
  }
}
