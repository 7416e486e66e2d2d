import Machine
import Unwinder

/// Selects a frame of the selection's stack, by number or relative to the selected one.
struct FrameCommand: Command {
  enum Move: Sendable { case to, up, down }

  let name: String
  let move: Move
  var aliases: [String] = []
  let summary: String
  let group = CommandGroup.stack
  var repetition: Repetition? { move == .to ? nil : .same }
  var usage: [String] { [move == .to ? "frame [N]" : "\(name) [COUNT]"] }

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    guard arguments.words.count <= 1 else { throw .usage("\(name): expected one number") }
    var number: Int?
    if let word = arguments.words.first {
      guard let value = Int(word), value >= 0, value <= BacktraceCommand.greatestLimit else {
        throw .usage("\(name): '\(word)' is not a frame's number")
      }
      number = value
    }
    let session = context.session
    let current = session.selectedFrame
    let wanted: Int
    switch move {
    case .to: wanted = number ?? current
    case .up: wanted = current + (number ?? 1)
    case .down: wanted = current - (number ?? 1)
    }
    guard wanted >= 0 else { throw CommandError("frame 0 is the innermost frame") }
    let trace = session.backtrace(of: try context.selection(), limit: wanted + 1)
    guard wanted < trace.frames.count else {
      throw CommandError(
        "there is no frame \(wanted): the stack has \(trace.frames.count)",
        hint: BacktraceCommand.words(trace.end))
    }
    session.selectedFrame = wanted
    return Self.report(wanted, trace.frames[wanted], context)
  }

  private static func report(_ number: Int, _ frame: Frame, _ context: CommandContext) -> Report {
    let place = context.session.describe(frame.lookupAddress, in: frame.space)
    var report = Report()
    for line in BacktraceCommand.lines(number, frame, place) { report.add(line) }
    if let source = place.source {
      let window = try? SourceText.window(source, context, before: 0, count: 1)
      for line in window ?? [] { report.add(line) }
    }
    report.data = [
      "number": .int(number), "place": FrameText.json(place),
      "method": .string(frame.method.rawValue),
    ]
    return report
  }
}
