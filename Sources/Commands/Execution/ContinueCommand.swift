import Debugger
import Machine

/// Lets the target run.
struct ContinueCommand: Command {
  let name = "continue"
  let aliases = ["c", "fg"]
  let summary = "let the target run until it stops"
  let group = CommandGroup.execution
  let usage = ["continue [--for TIME] [--until-console TEXT] [--timeout TIME]"]
  let details = [
    "Ctrl-C stops the target. --for stops it after a time (5s, 200ms, 2m).",
    "--until-console stops it when the guest writes TEXT; only under 'kscope run'.",
    "--timeout is --for, but the command fails when the time is up.",
  ]
  var repetition: Repetition? { .same }

  /// How long the target runs between two looks at its console.
  static let slice = 0.1

  private struct Options {
    var seconds: Double?
    var timeout: Double?
    var text: String?
  }

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    let options = try parse(arguments)
    let limit = [options.seconds, options.timeout].compactMap { $0 }.min()
    let stop: Stop
    if let text = options.text {
      stop = try run(until: text, limit, context)
    } else {
      do { stop = try context.session.resume(seconds: limit) } catch { throw CommandError(error) }
    }
    if stop.reason == nil, let timeout = options.timeout, limit == timeout, options.text == nil {
      throw CommandError("the target did not stop within \(timeout) s; it is stopped now")
    }
    return StopText.report(stop, context)
  }

  private func parse(_ arguments: Arguments) throws(CommandError) -> Options {
    var options = Options()
    var words = arguments.words[...]
    while let word = words.popFirst() {
      switch word {
      case "--for": options.seconds = try seconds(words.popFirst(), word)
      case "--timeout": options.timeout = try seconds(words.popFirst(), word)
      case "--until-console":
        guard let text = words.popFirst(), !text.isEmpty else {
          throw .usage("continue: --until-console needs a text")
        }
        options.text = text
      default: throw .usage("continue: unexpected argument '\(word)'", hint: usage[0])
      }
    }
    return options
  }

  private func seconds(_ word: String?, _ option: String) throws(CommandError) -> Double {
    guard let word, let seconds = NumberText.seconds(word) else {
      throw .usage("continue: \(option) needs a time", hint: "as in '\(option) 5s'")
    }
    return seconds
  }

  /// Runs in slices, so that the console can be looked at in between.
  private func run(
    until text: String, _ limit: Double?, _ context: CommandContext
  ) throws(CommandError) -> Stop {
    guard let console = context.console else {
      throw CommandError(
        "kscope does not have the guest's console", hint: "it does under 'kscope run'")
    }
    var watch = ConsoleWatch(console, text: text)
    let deadline = limit.map { ContinuousClock.now + .seconds($0) }
    try watch.skip()
    while true {
      let stop: Stop
      do { stop = try context.session.resume(seconds: Self.slice) } catch {
        throw CommandError(error)
      }
      if try watch.isSeen() || stop.reason != nil { return stop }
      if let deadline, ContinuousClock.now >= deadline {
        throw CommandError("the guest did not write '\(text)' in time; it is stopped now")
      }
    }
  }
}

/// Looks for a text in what the guest writes from now on.
struct ConsoleWatch {
  private let console: any GuestConsole
  private let text: [UInt8]
  private var offset = 0

  init(_ console: any GuestConsole, text: String) {
    self.console = console
    self.text = Array(text.utf8)
  }

  /// Forgets what has been written so far.
  mutating func skip() throws(CommandError) {
    while true {
      let bytes = try console.bytes(from: offset)
      if bytes.isEmpty { return }
      offset += bytes.count
    }
  }

  mutating func isSeen() throws(CommandError) -> Bool {
    let bytes = try console.bytes(from: offset)
    if bytes.indices.contains(where: { bytes[$0...].starts(with: text) }) { return true }
    offset += max(0, bytes.count - text.count)
    return false
  }
}
