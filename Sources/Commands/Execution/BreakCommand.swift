import Binary
import Debugger
import Machine

/// Sets breakpoints.
struct BreakCommand: Command {
  let name: String
  let aliases: [String]
  let kind: BreakpointKind
  let isTemporary: Bool
  let summary: String
  let group = CommandGroup.execution
  var usage: [String] { ["\(name) FUNCTION | FILE:LINE | *ADDRESS"] }
  let takesExpression = true
  let arguments = ArgumentKind.symbols

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    let place = arguments.isEmpty ? try here(context) : arguments.raw
    let made: [Breakpoint]
    do {
      made = try context.session.addBreakpoint(place, isTemporary: isTemporary, kind: kind)
    } catch { throw CommandError(error) }
    var report = Report()
    for breakpoint in made {
      report.add(
        Line(
          [
            Span(isTemporary ? "temporary breakpoint " : "breakpoint "),
            Span("\(breakpoint.number)", .heading), Span(" at "),
          ] + FrameText.spans(breakpoint.place)))
    }
    report.data = ["breakpoints": .array(made.map { BreakpointText.json($0) })]
    return report
  }

  private func here(_ context: CommandContext) throws(CommandError) -> String {
    do { return "*\(try context.session.frame().pc)" } catch { throw CommandError(error) }
  }
}

/// Breakpoints as people and programs read them.
enum BreakpointText {
  static func json(_ breakpoint: Breakpoint) -> JSON {
    [
      "number": .int(breakpoint.number), "address": .hex(breakpoint.address.rawValue),
      "specification": .string(breakpoint.specification),
      "kind": breakpoint.kind == .hardware ? "hardware" : "software",
      "temporary": .bool(breakpoint.isTemporary), "hits": .int(breakpoint.hitCount),
      "place": FrameText.json(breakpoint.place),
    ]
  }
}

/// All breakpoints.
struct InfoBreakpointsCommand: Command {
  let name = "info breakpoints"
  let aliases = ["breakpoints"]
  let summary = "all breakpoints and how often they were hit"
  let group = CommandGroup.execution
  let usage = ["info breakpoints"]

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    try arguments.expectNone(for: name)
    let breakpoints = context.session.breakpoints
    guard !breakpoints.isEmpty else {
      return Report(notes: ["no breakpoints"], data: ["breakpoints": []])
    }
    var table = Table([
      .init("number", .right, expendability: 0), .init("kind", expendability: 3),
      .init("address", expendability: 0), .init("hits", .right),
      .init("place", expendability: 2, isElastic: true),
    ])
    for breakpoint in breakpoints {
      let kind = breakpoint.kind == .hardware ? "hardware" : "software"
      table.add([
        String(breakpoint.number), kind + (breakpoint.isTemporary ? ", once" : ""),
        breakpoint.address.description, String(breakpoint.hitCount),
        FrameText.location(breakpoint.place),
      ])
    }
    return Report(
      blocks: [.table(table)],
      data: ["breakpoints": .array(breakpoints.map { BreakpointText.json($0) })])
  }
}

/// Removes breakpoints.
struct DeleteCommand: Command {
  let name = "delete"
  let aliases = ["d"]
  let summary = "remove breakpoints"
  let group = CommandGroup.execution
  let usage = ["delete NUMBER...", "delete"]
  let details = ["Without numbers, removes all."]

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    var numbers: [Int] = context.session.breakpoints.map(\.number)
    if !arguments.isEmpty {
      numbers = []
      for word in arguments.words {
        guard let number = Int(word) else {
          throw .usage("delete: '\(word)' is not a breakpoint's number")
        }
        numbers.append(number)
      }
    }
    for number in numbers {
      do { try context.session.removeBreakpoint(number) } catch { throw CommandError(error) }
    }
    return Report(data: ["deleted": .array(numbers.map { .int($0) })])
  }
}
