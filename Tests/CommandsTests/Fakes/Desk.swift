import Commands
import Debugger
import KernelModel
import Machine

/// A fake target, a fake kernel and an interpreter over them; keeps what is written.
final class Desk {
  final class Sink: OutputSink {
    var text = ""
    var errors = ""
    func write(_ text: String) { self.text += text }
    func error(_ text: String) { errors += text }
  }

  let target = FakeTarget()
  let sink = Sink()
  let context: CommandContext
  let interpreter: Interpreter

  init(kernel: FakeKernel? = .sample(), width: Int? = nil) {
    context = CommandContext(
      session: Session(target: target), terminal: Terminal(usesColor: false, width: width))
    context.kernel = kernel
    interpreter = Interpreter(context: context, output: sink)
  }

  /// What a line writes to stdout.
  func output(_ line: String, from origin: Interpreter.Origin = .script) -> String {
    sink.text = ""
    sink.errors = ""
    interpreter.run(line, from: origin)
    return sink.text
  }

  /// What a line writes to stderr.
  func errors(_ line: String) -> String {
    _ = output(line)
    return sink.errors
  }
}
