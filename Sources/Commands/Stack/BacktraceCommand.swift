import Debugger
import KernelModel
import Machine
import Symbols
import Unwinder

/// The calls that led to where a CPU or thread is.
struct BacktraceCommand: Command {
  let name = "backtrace"
  let aliases = ["bt", "where"]
  let summary = "the stack of the selection, of a thread or of a CPU"
  let group = CommandGroup.stack
  let usage = ["bt [thread ID | cpu N] [-n COUNT] [-full]"]
  let details = [
    "Long generic arguments are cut to <...>; -full shows them.",
    "Each frame that is not found by call frame information says how it was found.",
    "Kernel threads that do not run are unwound from their saved registers.",
  ]

  static let defaultLimit = 100
  static let greatestLimit = 10_000

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    var words = arguments.words[...]
    var limit = Self.defaultLimit
    var isFull = false
    var selection: Selection?
    while let word = words.popFirst() {
      if word == "-n" {
        limit = try count(words.popFirst())
      } else if word == "-full" {
        isFull = true
      } else if word == "thread", let id = words.popFirst() {
        selection = try ThreadSelection.selection(of: id, context)
      } else if word == "cpu", let id = words.popFirst() {
        selection = try cpu(id, context)
      } else if let number = Int(word), number > 0, number <= Self.greatestLimit {
        limit = number
      } else {
        throw .usage("bt: unexpected argument '\(word)'", hint: usage[0])
      }
    }
    let subject: Selection
    if let selection { subject = selection } else { subject = try context.selection() }
    let trace = context.session.backtrace(of: subject, limit: limit)
    return Self.report(trace, subject, context, isFull: isFull)
  }

  private func count(_ word: String?) throws(CommandError) -> Int {
    guard let word, let number = Int(word), number > 0, number <= Self.greatestLimit else {
      throw .usage("bt: -n needs a number from 1 to \(Self.greatestLimit)")
    }
    return number
  }

  private func cpu(_ id: String, _ context: CommandContext) throws(CommandError) -> Selection {
    guard let number = Int(id) else { throw .usage("bt: '\(id)' is not a CPU's number") }
    do { return try context.session.selection(ofCPU: number) } catch { throw CommandError(error) }
  }

  private static func report(
    _ trace: Backtrace, _ subject: Selection, _ context: CommandContext, isFull: Bool
  ) -> Report {
    var report = Report()
    var frames: [JSON] = []
    for (number, frame) in trace.frames.enumerated() {
      let place = context.session.describe(frame.lookupAddress, in: frame.space)
      for line in lines(number, frame, place, isFull: isFull) { report.add(line) }
      frames.append(json(number, frame, place))
    }
    if let end = words(trace.end) { report.add(Line("(\(end))", .dim)) }
    report.data = [
      "subject": Self.subject(subject), "frames": .array(frames),
      "end": .string(words(trace.end) ?? "outermost frame"),
    ]
    return report
  }

  static func subject(_ selection: Selection) -> JSON {
    switch selection.subject {
    case .cpu(let id): ["kind": "cpu", "id": .string(String(id))]
    case .thread(let id): ["kind": "thread", "id": .string(id)]
    }
  }

  /// One line for the frame itself, and before it one for each call that was inlined into it.
  static func lines(
    _ number: Int, _ frame: Frame, _ place: SymbolicAddress, isFull: Bool = false
  ) -> [Line] {
    let name = { (name: String) in isFull ? name : FunctionName.short(name) }
    let label = "#\(number)".padded(to: 4)
    var lines: [Line] = []
    var source = place.source
    for call in place.inlined {
      lines.append(
        Line([
          Span(String(repeating: " ", count: label.count)), Span("(inlined)".padded(to: 18), .dim),
          Span(" in "),
          Span(name(call.qualifiedName), .name), Span(source.map { " at \($0)" } ?? ""),
        ]))
      source = call.callSite
    }
    let function = place.inlined.isEmpty ? place.function : place.container ?? place.function
    var spans = [
      Span(label, .heading), Span(frame.pc.description), Span(" in "),
      Span(function.map(name) ?? "??", function == nil ? .dim : .name),
    ]
    if let source { spans.append(Span(" at \(source)")) }
    if let image = place.image, source == nil { spans.append(Span(" (\(image))", .dim)) }
    if frame.method != .registers, frame.method != .callFrameInformation {
      spans.append(Span("  [\(frame.method.rawValue)]", .dim))
    }
    lines.append(Line(spans))
    return lines
  }

  private static func json(_ number: Int, _ frame: Frame, _ place: SymbolicAddress) -> JSON {
    [
      "number": .int(number), "pc": .hex(frame.pc.rawValue),
      "function": .text(place.function), "container": .text(place.container),
      // From the return address, not from the byte before it that names were looked up with.
      "offset": .number(
        place.function == nil
          ? 0 : place.offset &+ (frame.pc.rawValue &- frame.lookupAddress.rawValue)),
      "image": .text(place.image), "file": .text(place.source?.file),
      "line": place.source.map { .int($0.line) } ?? .null,
      "cfa": frame.cfa.map { .hex($0.rawValue) } ?? .null,
      "method": .string(frame.method.rawValue),
      "inlined": .array(
        place.inlined.map {
          [
            "function": .string($0.qualifiedName), "call_file": .text($0.callSite?.file),
            "call_line": $0.callSite.map { .int($0.line) } ?? .null,
          ]
        }),
    ]
  }

  /// Why there are no more frames; nil: there are none.
  static func words(_ end: EndReason) -> String? {
    switch end {
    case .bottom: nil
    case .noRule(let address): "no rule finds the caller of \(address)"
    case .switchingThreads:
      "the kernel is changing threads: whose registers the trap frame holds is not certain"
    case .unreadable(let error): "the stack cannot be read: \(error)"
    case .didNotAdvance: "the next frame would be the same: stopped"
    case .limit(let count): "more frames follow: only \(count) were asked for"
    case .interrupted: "interrupted"
    }
  }
}
