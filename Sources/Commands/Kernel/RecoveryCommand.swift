import KernelModel

/// What was recovered, and one recovery in full.
struct RecoveryCommand: Command {
  let name = "recovery"
  let aliases = ["recoveries", "rec"]
  let summary = "recoveries that the kernel remembers"
  let group = CommandGroup.kernel
  var arguments: ArgumentKind { .fields(.recovery) }
  let usage = ["recovery [FIELD=VALUE]...", "recovery SEQUENCE"]
  var repetition: Repetition? { .same }
  var details: [String] { list.details }

  private var list: ListCommand { ListCommand(name: name, kind: .recovery, summary: summary) }

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    guard arguments.words.count == 1, NumberText.unsigned(arguments.words[0]) != nil else {
      return try list.run(arguments, context)
    }
    let detail = DetailCommand(name: name, kind: .recovery, summary: summary)
    return try detail.run(arguments, context)
  }
}
