import Binary
import Commands
import Machine
import REPL

/// -x and -e in their order, then the prompt or standard input.
struct Script {
  private let options: SessionOptions
  private let interpreter: Interpreter
  private let output: StandardOutput

  init(_ options: SessionOptions, _ interpreter: Interpreter, _ output: StandardOutput) {
    self.options = options
    self.interpreter = interpreter
    self.output = output
  }

  private var isInteractive: Bool { StandardStreams.isTerminal(StandardStreams.input) }
  /// Without a terminal, -e and -x are all there is to do.
  private var isBatch: Bool { options.batch || (!options.script.isEmpty && !isInteractive) }

  func run() -> ExitStatus {
    if let status = runInit() { return status }
    var worst = ExitStatus.success
    for part in options.script {
      let lines: [String]
      do throws(StartError) { lines = try self.lines(part.content) } catch {
        output.fail(error.message, hint: error.hint)
        return error.status
      }
      for line in lines {
        let status = run(line)
        if status != .success { worst = status }
        if isEnding { return worst }
        if status == .interrupted || status != .success && isBatch && !options.keepGoing {
          return status
        }
      }
    }
    if isBatch { return worst }
    return isInteractive ? prompt() : readInput()
  }

  private var isEnding: Bool {
    interpreter.context.ending != nil || output.isClosed || Signals.termination != nil
  }

  private func run(_ line: String) -> ExitStatus {
    let before = Signals.interruptCount
    let outcome = interpreter.run(line, from: .script)
    Interrupt.shared.clear()
    // At a terminal a script that is interrupted in `continue` just goes on with a stopped target.
    let wasInterrupted = Signals.interruptCount != before
    switch outcome {
    case .done: return wasInterrupted && isBatch ? .interrupted : .success
    case .failed(.usage): return .failure
    case .failed(.interrupted): return .interrupted
    case .failed: return wasInterrupted ? .interrupted : .failure
    }
  }

  private func lines(_ content: ScriptPart.Content) throws(StartError) -> [String] {
    switch content {
    case .command(let line): return [line]
    case .file(let path):
      do {
        return String(try Bytes(mapping: path)).split(whereSeparator: \.isNewline).map(String.init)
      } catch {
        throw StartError(.failure, "\(error)")
      }
    }
  }

  /// `$XDG_CONFIG_HOME/kscope/init`, at a terminal only: scripts do not depend on a person's settings.
  private func runInit() -> ExitStatus? {
    guard !options.noInit, !isBatch, isInteractive else { return nil }
    let home = StandardStreams.environment("HOME") ?? ""
    let folder = StandardStreams.environment("XDG_CONFIG_HOME") ?? home + "/.config"
    guard let lines = try? lines(.file(folder + "/kscope/init")) else { return nil }
    for line in lines where !isEnding { _ = run(line) }
    return isEnding ? .success : nil
  }

  private func prompt() -> ExitStatus {
    let outcome = REPL(interpreter, isEnding: { isEnding }).run()
    return outcome ? .success : .failure
  }

  /// Standard input that is no terminal: a script without a prompt.
  private func readInput() -> ExitStatus {
    var reader = LineReader(StandardStreams.input)
    var worst = ExitStatus.success
    while let line = reader.next() {
      let status = run(line)
      if status != .success { worst = status }
      if isEnding || status == .interrupted { return worst }
      if status != .success && options.batch && !options.keepGoing { return status }
    }
    return worst
  }
}
