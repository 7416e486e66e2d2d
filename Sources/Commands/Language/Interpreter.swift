import Binary

/// Runs lines: finds the command, runs it, renders its report, sends it where the line says.
public final class Interpreter {
  public enum Origin: Sendable {
    /// Typed at a terminal: an empty line repeats.
    case terminal
    /// `-e`, `-x` or standard input.
    case script
  }

  public enum Outcome: Sendable, Equatable {
    case done
    case failed(CommandError.Kind)
  }

  public let context: CommandContext
  /// `--json`: every command answers as JSON.
  public var isJSON = false
  private let output: any OutputSink
  private var lastLine = ""

  public init(context: CommandContext, output: any OutputSink) {
    self.context = context
    self.output = output
    context.showNow = { [unowned self] report in self.showNow(report) }
  }

  @discardableResult
  public func run(_ line: String, from origin: Origin) -> Outcome {
    let text = line.trimmingBlanks
    if text.hasPrefix("#") { return .done }
    if text.isEmpty {
      guard origin == .terminal, !lastLine.isEmpty else { return .done }
      return execute(lastLine)
    }
    lastLine = ""
    return execute(text)
  }

  private func execute(_ text: String) -> Outcome {
    let line = CommandLine(parsing: text) { word in
      (try? context.table.resolve(word))?.command.takesExpression ?? false
    }
    if let shell = line.shell { return runShell(shell) }
    var name = String(line.text.prefix { !$0.isWhitespace })
    do throws(CommandError) {
      let match = try context.table.resolve(line.text)
      name = match.command.name
      let needsTarget = Self.needingTarget.contains(match.command.group)
      // What is cached would be shown as if it still were so.
      if needsTarget, let loss = context.session.target.loss {
        throw CommandError(lost: loss, canReconnect: context.reopen != nil)
      }
      context.session.begin(view: line.text)
      var report = try match.command.run(
        Arguments(match.rest, modifier: line.modifier), context)
      remember(match.command, text, line.modifier)
      let loss = needsTarget ? context.session.target.loss : nil
      if let loss { report.warnings.append(loss.message) }
      try show(report, of: name, line)
      return loss == nil ? .done : .failed(.connectionLost)
    } catch {
      return fail(error, name, line)
    }
  }

  private static let needingTarget: Set<CommandGroup> = [.kernel, .stack, .memory]

  private func remember(_ command: any Command, _ text: String, _ modifier: String) {
    switch command.repetition {
    case .same: lastLine = text
    case .onward: lastLine = command.name + (modifier.isEmpty ? "" : "/" + modifier)
    case nil: lastLine = ""
    }
  }

  private func show(_ report: Report, of name: String, _ line: CommandLine) throws(CommandError) {
    for warning in report.warnings { output.error("kscope: warning: \(Escaping.line(warning))\n") }
    let isPlain = line.destination != .standardOutput
    let terminal = isPlain ? Terminal() : context.terminal
    let text =
      isJSON || line.wantsJSON
      ? envelope(name).render(report) : TextRenderer(terminal).render(report)
    switch line.destination {
    case .standardOutput: output.write(text)
    case .shell(let command): try send(text, toShell: command)
    case .file(let path, let appending): try save(text, path, appending: appending)
    }
  }

  private func send(_ text: String, toShell command: String) throws(CommandError) {
    do {
      let status = try Shell.run(command, input: Array(text.utf8))
      if status != 0 { output.error("kscope: the shell command ended with status \(status)\n") }
    } catch { throw CommandError("\(error)") }
  }

  private func save(_ text: String, _ path: String, appending: Bool) throws(CommandError) {
    do {
      try OutputFile.write(Array(text.utf8), to: path, appending: appending)
    } catch { throw CommandError("\(error)") }
  }

  private func runShell(_ command: String) -> Outcome {
    do {
      _ = try Shell.run(command, input: nil)
      return .done
    } catch {
      output.error("kscope: \(Escaping.line("\(error)"))\n")
      return .failed(.failed)
    }
  }

  private func fail(_ error: CommandError, _ name: String, _ line: CommandLine) -> Outcome {
    if isJSON || line.wantsJSON { output.write(envelope(name).render(error)) }
    output.error("kscope: \(Escaping.line(error.message))\n")
    for line in (error.excerpt ?? "").split(separator: "\n") {
      output.error("  \(Escaping.line(line))\n")
    }
    if let hint = error.hint { output.error("hint: \(Escaping.line(hint))\n") }
    return .failed(error.kind)
  }

  private func showNow(_ report: Report) {
    output.write(
      isJSON ? envelope("console").render(report) : TextRenderer(context.terminal).render(report))
  }

  private func envelope(_ name: String) -> Envelope {
    Envelope(
      command: name, target: context.session.target.summary, consistency: context.consistency)
  }
}

/// Where results and messages go.
public protocol OutputSink: AnyObject {
  func write(_ text: String)
  func error(_ text: String)
}
