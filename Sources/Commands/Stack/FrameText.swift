import Binary
import Debugger
import Machine

/// Places in code as people read them.
enum FrameText {
  /// Where the selection stands.
  static func place(_ context: CommandContext) throws(CommandError) -> SymbolicAddress {
    place(try context.selection(), context)
  }

  static func place(_ selection: Selection, _ context: CommandContext) -> SymbolicAddress {
    let pc = selection.registers[context.session.architecture.programCounter] ?? 0
    return context.session.describe(Address(pc), in: selection.space)
  }

  /// `bramble::ipc::call+0x1c at ipc.rs:52`, or `-`.
  static func location(_ place: SymbolicAddress) -> String {
    guard let function = place.function else { return place.image ?? "-" }
    let offset = ownOffset(place).map { "+" + $0.hex() } ?? ""
    let source = place.source.map { " at \($0)" } ?? ""
    return function + offset + source
  }

  /// Bytes from the named function's entry, or nil: at the entry, or inlined and so without one.
  private static func ownOffset(_ place: SymbolicAddress) -> UInt64? {
    place.offset == 0 || !place.inlined.isEmpty ? nil : place.offset
  }

  static func spans(_ place: SymbolicAddress) -> [Span] {
    var spans = [Span(place.address.description)]
    if let function = place.function {
      spans += [Span(" in "), Span(function, .name)]
      if let offset = ownOffset(place) { spans.append(Span("+" + offset.hex(), .dim)) }
    } else {
      spans.append(Span(" in ??", .dim))
    }
    if let source = place.source { spans.append(Span(" at \(source)")) }
    if let image = place.image { spans.append(Span(" (\(image))", .dim)) }
    return spans
  }

  static func json(_ place: SymbolicAddress) -> JSON {
    [
      "address": .hex(place.address.rawValue), "image": .text(place.image),
      "function": .text(place.function), "offset": .number(place.offset),
      "file": .text(place.source?.file), "line": place.source.map { .int($0.line) } ?? .null,
    ]
  }
}
