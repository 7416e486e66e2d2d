import Debugger
import Machine

/// A line for the stub itself: QEMU's monitor.
struct MonitorCommand: Command {
  let name = "monitor"
  let aliases = ["mon"]
  let summary = "send a line to the stub, such as QEMU's monitor"
  let group = CommandGroup.execution
  let usage = ["monitor TEXT"]

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    guard !arguments.isEmpty else {
      throw .usage("monitor: what?", hint: "as in 'monitor info version'")
    }
    guard let monitor = context.session.target.monitor else {
      throw CommandError("\(context.session.target.summary) takes no monitor commands")
    }
    let answer: String
    do { answer = try monitor.command(arguments.raw) } catch {
      throw CommandError(SessionError(error))
    }
    return Report(
      blocks: [.log(Array(answer.utf8))], data: ["answer": .string(answer)])
  }
}
