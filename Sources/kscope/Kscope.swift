import ArgumentParser
import Binary
import Machine

/// Arguments in, exit status out.
@main
struct Kscope: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kscope",
    abstract: "Looks inside a kernel: threads, capabilities, IPC, recovery; live or dead.",
    discussion: """
      Exit status: 0 ok, 1 a command failed, 2 usage, 3 cannot connect, 4 images do not match the \
      target, 130 interrupted.
      """,
    version: "kscope 0.1.0",
    subcommands: [Attach.self, Open.self, Run.self, Schemas.self, CommandReference.self])

  static func main() {
    _ = Interrupt.shared.isRequested
    Signals.install { Interrupt.shared.request() }
    var status: ExitStatus
    do {
      var command = try parseAsRoot()
      if let job = command as? any Job {
        status = job.perform()
      } else {
        try command.run()
        status = .success
      }
    } catch {
      status = report(error)
    }
    if let signal = Signals.termination { status = ExitStatus(rawValue: 128 + signal) }
    StandardStreams.end(status: status.rawValue)
  }

  /// Help and the version are answers; everything else was said wrongly.
  private static func report(_ error: any Error) -> ExitStatus {
    let text = fullMessage(for: error)
    if exitCode(for: error) == .success {
      StandardOutput().write(text + "\n")
      return .success
    }
    let words = text.hasPrefix("Error: ") ? "kscope: " + text.dropFirst(7) : text
    StandardOutput().error(words + "\n")
    return .usage
  }
}

/// A subcommand that looks at a target.
protocol Job {
  func perform() -> ExitStatus
}
