import Debugger
import Machine
import Symbols

/// Source text around a place.
struct SourceCommand: Command {
  let name = "list"
  let aliases = ["l"]
  let summary = "source text around a function, a line or an address"
  let group = CommandGroup.stack
  let usage = ["list [FUNCTION | FILE:LINE | *ADDRESS]", "list -"]
  let details = ["Without arguments it goes on where it ended; 'list -' shows the lines before."]
  let arguments = ArgumentKind.symbols
  var repetition: Repetition? { .onward }

  static let lineCount = 10

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    let place: SourceLocation
    var before = 0
    switch (arguments.raw, context.listing) {
    case ("", let position?):
      place = SourceLocation(file: position.file, line: position.line)
    case ("-", let position?):
      let first = max(1, position.line - 2 * Self.lineCount)
      place = SourceLocation(file: position.file, line: first)
    case ("", nil), ("-", nil):
      place = try current(context)
      before = Self.lineCount / 2 - 1
    default:
      place = try self.place(arguments.raw, context)
      before = Self.lineCount / 2 - 1
    }
    let lines = try SourceText.window(place, context, before: before, count: Self.lineCount)
    let first = max(1, place.line - before)
    context.listing = ListingPosition(file: place.file, line: first + Self.lineCount)
    var report = Report()
    for line in lines { report.add(line) }
    report.data = [
      "file": .string(place.file), "first_line": .int(first),
      "lines": .array(lines.map { .string($0.spans.last?.text ?? "") }),
    ]
    return report
  }

  private func current(_ context: CommandContext) throws(CommandError) -> SourceLocation {
    do {
      let frame = try context.session.frame()
      let place = context.session.describe(frame.lookupAddress, in: frame.space)
      if let source = place.source { return source }
    } catch { throw CommandError(error) }
    throw CommandError("no source line is known for where the selection stands")
  }

  private func place(
    _ text: String, _ context: CommandContext
  ) throws(CommandError) -> SourceLocation {
    if let colon = text.lastIndex(of: ":"), text[..<colon].last != ":",
      let line = Int(text[text.index(after: colon)...]), line > 0
    {
      return SourceLocation(file: try file(String(text[..<colon]), line, context), line: line)
    }
    if !text.hasPrefix("*") {
      for loaded in context.session.images {
        let functions = (try? loaded.image.functions(named: text)) ?? []
        if let declaration = functions.compactMap(\.declaration).first { return declaration }
      }
    }
    do {
      let addresses = try context.session.addresses(of: text)
      let space = (try? context.session.selection().space) ?? .kernel
      for address in addresses {
        if let source = context.session.describe(address, in: space).source { return source }
      }
    } catch { throw CommandError(error) }
    throw CommandError("no source line is known for \(text)")
  }

  /// The path as the compiler wrote it, found through the line's code; as typed when there is none.
  private func file(
    _ typed: String, _ line: Int, _ context: CommandContext
  ) throws(CommandError) -> String {
    for loaded in context.session.images {
      guard let address = try? loaded.image.addresses(file: typed, line: line).first else {
        continue
      }
      if let source = try? loaded.image.sourceLocation(of: address) { return source.file }
    }
    return typed
  }
}
