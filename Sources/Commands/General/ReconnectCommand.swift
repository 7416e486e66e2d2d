import Debugger

/// Connects to the target again after the line was lost.
struct ReconnectCommand: Command {
  let name = "reconnect"
  let summary = "connect to the target again, after it was lost or to begin anew"
  let group = CommandGroup.general
  let usage = ["reconnect"]
  let details = [
    "The new target is compared with what was known: code of the images, program counters, memory.",
    "Breakpoints return only when it is the same target.",
  ]

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    try arguments.expectNone(for: name)
    guard let open = context.reopen else {
      throw CommandError("\(context.session.target.summary) cannot be connected to again")
    }
    let result: Reconnection
    do throws(SessionError) { result = try context.session.reconnect(open) } catch {
      throw CommandError(error)
    }
    context.listing = nil
    context.examination = nil
    return Self.report(result, context.session.target.summary)
  }

  private static func report(_ result: Reconnection, _ target: String) -> Report {
    var report = Report()
    report.add(Line([Span("connected to \(target) again", .heading)]))
    let (code, words): (String, String) =
      switch result.comparison {
      case .unchanged: ("unchanged", "it has not run: registers and memory are as they were")
      case .hasRun(let difference): ("has_run", "the same code, but it has run: \(difference)")
      case .unproved(let why): ("unproved", "nothing proves that it is the same target: \(why)")
      }
    report.add(Line(words))
    if !result.restored.isEmpty {
      let numbers = result.restored.map(String.init).joined(separator: ", ")
      report.add(Line("breakpoints in the target again: \(numbers)"))
    }
    for dropped in result.dropped {
      report.warnings.append("breakpoint \(dropped.number) is gone: \(dropped.reason)")
    }
    report.data = [
      "comparison": .string(code), "detail": .string(words),
      "samples": .int(result.sampleCount), "breakpoints": .array(result.restored.map { .int($0) }),
      "dropped": .array(result.dropped.map { .int($0.number) }),
    ]
    return report
  }
}
