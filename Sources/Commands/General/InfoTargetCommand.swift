import Binary
import Machine

/// What is being looked at.
struct InfoTargetCommand: Command {
  let name = "info target"
  let summary = "the target, its CPUs and what it can do"
  let group = CommandGroup.general
  let usage = ["info target"]

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    try arguments.expectNone(for: name)
    let target = context.session.target
    let cpuCount = (try? target.cpus().count) ?? 0
    var abilities: [String] = []
    if target.physicalMemory != nil { abilities.append("physical memory") }
    if target.execution != nil { abilities.append("execution") }
    if target.breakpoints != nil { abilities.append("breakpoints") }
    if target.monitor != nil { abilities.append("monitor") }
    let rows = [
      ("target", target.summary), ("architecture", target.architecture.name),
      ("CPUs", String(cpuCount)), ("state", context.consistency.rawValue),
      ("abilities", abilities.isEmpty ? "-" : abilities.joined(separator: ", ")),
      ("plugin", context.kernel?.name ?? context.kernelProblem ?? "-"),
      ("translation", context.session.translationNote ?? "by the target's own registers"),
    ]
    return Report(
      blocks: rows.map { .line(Line([Span($0.0.padded(to: 14), .dim), Span($0.1)])) },
      data: [
        "summary": .string(target.summary), "architecture": .string(target.architecture.name),
        "cpus": .int(cpuCount), "abilities": .array(abilities.map { .string($0) }),
        "plugin": .text(context.kernel?.name),
      ])
  }
}
