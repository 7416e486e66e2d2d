import Binary
import Machine

/// What the guest wrote to its serial port.
struct ConsoleCommand: Command {
  let name = "console"
  let summary = "what the guest wrote to its serial port"
  let group = CommandGroup.execution
  let usage = ["console [--tail LINES]", "console search TEXT", "console -f"]
  let details = [
    "-f lets the target run and shows what it writes, until Ctrl-C or a stop.",
    "The console is kscope's when it started the guest ('kscope run').",
  ]

  private static let usualTail = 40
  private static let greatestByteCount = 8 << 20

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    guard let console = context.console else {
      throw CommandError(
        "kscope does not have the guest's console", hint: "it does under 'kscope run'")
    }
    switch arguments.words.first {
    case nil: return try tail(Self.usualTail, console)
    case "-f", "--follow": return try follow(console, context)
    case "--tail":
      guard arguments.words.count == 2, let count = Int(arguments.words[1]), count > 0 else {
        throw .usage("console: --tail needs a number of lines")
      }
      return try tail(count, console)
    case "search":
      guard arguments.words.count > 1 else { throw .usage("console: search for what?") }
      return try search(arguments.words.dropFirst().joined(separator: " "), console)
    case let word?:
      throw .usage("console: unexpected argument '\(word)'", hint: usage.joined(separator: ", "))
    }
  }

  /// All of it, or its last megabytes.
  private func lines(_ console: any GuestConsole) throws(CommandError) -> [ArraySlice<UInt8>] {
    var bytes: [UInt8] = []
    var offset = 0
    while true {
      let next = try console.bytes(from: offset)
      if next.isEmpty { break }
      offset += next.count
      bytes = Array((bytes + next).suffix(Self.greatestByteCount))
    }
    var lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  private func tail(_ count: Int, _ console: any GuestConsole) throws(CommandError) -> Report {
    report(Array(try lines(console).suffix(count)))
  }

  private func search(
    _ text: String, _ console: any GuestConsole
  ) throws(CommandError) -> Report {
    let wanted = Array(text.utf8)
    let found = try lines(console).filter { line in
      line.indices.contains { line[$0...].starts(with: wanted) }
    }
    var report = report(found)
    if found.isEmpty { report.notes.append("the guest did not write '\(text)'") }
    return report
  }

  private func report(_ lines: [ArraySlice<UInt8>]) -> Report {
    let text = lines.map { String(decoding: $0.last == 0x0d ? $0.dropLast() : $0, as: UTF8.self) }
    return Report(
      blocks: [.log(lines.flatMap { Array($0) + [0x0a] })],
      data: ["lines": .array(text.map { .string($0) })])
  }

  private func follow(
    _ console: any GuestConsole, _ context: CommandContext
  ) throws(CommandError) -> Report {
    var offset = 0
    while true {
      let skipped = try console.bytes(from: offset)
      if skipped.isEmpty { break }
      offset += skipped.count
    }
    while true {
      let stop: StopReason?
      do { stop = try context.session.resume(seconds: ContinueCommand.slice).reason } catch {
        throw CommandError(error)
      }
      let bytes = try console.bytes(from: offset)
      offset += bytes.count
      if !bytes.isEmpty { context.showNow(report(bytes.split(separator: 0x0a))) }
      if stop != nil { return Report(notes: ["the target is stopped"], data: ["lines": []]) }
    }
  }
}
