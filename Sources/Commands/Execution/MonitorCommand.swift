import Debugger

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
    let answer: String
    do { answer = try context.session.monitor(arguments.raw) } catch {
      throw CommandError(error)
    }
    return Report(
      blocks: [.log(Array(answer.utf8))], data: ["answer": .string(answer)])
  }
}
