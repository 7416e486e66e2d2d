import Debugger
import Machine

/// A stop as people and programs read it.
enum StopText {
  static func report(_ stop: Stop, _ context: CommandContext) -> Report {
    var report = Report()
    let place = (try? context.selection()).map { FrameText.place($0, context) }
    report.add(Line([Span(words(stop), .heading)]))
    if let place { report.add(Line(FrameText.spans(place))) }
    if let source = place?.source,
      let lines = try? SourceText.window(source, context, before: 0, count: 1)
    {
      for line in lines { report.add(line) }
    }
    report.data = [
      "reason": .string(code(stop)), "cpu": stop.reason.map { .int($0.cpu) } ?? .null,
      "breakpoints": .array(stop.breakpoints.map { .int($0) }),
      "place": place.map(FrameText.json) ?? .null,
    ]
    context.listing = nil
    return report
  }

  static func words(_ stop: Stop) -> String {
    guard let reason = stop.reason else { return "stopped: the time is up" }
    if !stop.breakpoints.isEmpty {
      let numbers = stop.breakpoints.map(String.init).joined(separator: ", ")
      return "stopped on CPU \(reason.cpu): breakpoint \(numbers)"
    }
    switch reason.kind {
    case .trap: return "stopped on CPU \(reason.cpu)"
    case .watch(let address): return "stopped on CPU \(reason.cpu): watchpoint at \(address)"
    case .interrupt: return "stopped on CPU \(reason.cpu): interrupted"
    case .signal(let number): return "stopped on CPU \(reason.cpu): signal \(number)"
    case .exited(let status): return "the guest has ended with status \(status)"
    }
  }

  private static func code(_ stop: Stop) -> String {
    guard let reason = stop.reason else { return "timeout" }
    if !stop.breakpoints.isEmpty { return "breakpoint" }
    switch reason.kind {
    case .trap: return "trap"
    case .watch: return "watchpoint"
    case .interrupt: return "interrupt"
    case .signal: return "signal"
    case .exited: return "exited"
    }
  }
}
