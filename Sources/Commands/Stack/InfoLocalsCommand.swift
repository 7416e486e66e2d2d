import Expressions
import Symbols
import Unwinder

/// Arguments and local variables of the selected frame.
struct InfoLocalsCommand: Command {
  let name = "info locals"
  let aliases = ["info args"]
  let summary = "arguments and variables of the selected frame"
  let group = CommandGroup.stack
  let usage = ["info locals"]

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    try arguments.expectNone(for: name)
    let frame: Frame
    do { frame = try context.session.frame() } catch { throw CommandError(error) }
    var report = Report()
    var data: [JSON] = []
    for local in context.session.locals(of: frame) {
      let text: String
      do throws(ValueError) {
        text = ValueText.line(try context.session.value(of: local, in: frame))
      } catch {
        text = "<\(error)>"
      }
      report.add(Line([Span(local.name, .name), Span(" = " + text)]))
      data.append([
        "name": .string(local.name), "argument": .bool(local.isArgument), "value": .string(text),
      ])
    }
    if data.isEmpty { report.notes.append("no locals are known here") }
    report.data = ["locals": .array(data)]
    return report
  }
}
