/// Ends kscope; the target is left as it was found.
struct QuitCommand: Command {
  let name = "quit"
  let aliases = ["q", "exit", "detach"]
  let summary = "end kscope and leave the target as it was found"
  let group = CommandGroup.general
  let usage = ["quit"]
  let details = [
    "A target found running runs on, one found stopped stays stopped; breakpoints are removed.",
    "A guest that kscope started ends with it.",
  ]

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    try arguments.expectNone(for: name)
    context.ending = .quit
    return Report()
  }
}

/// Ends the guest, and kscope with it.
struct KillCommand: Command {
  let name = "kill"
  let summary = "end the guest that kscope started, and kscope"
  let group = CommandGroup.general
  let usage = ["kill"]

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    try arguments.expectNone(for: name)
    guard context.ownsGuest else {
      throw CommandError(
        "kscope did not start this target", hint: "'monitor quit' asks QEMU to end")
    }
    context.ending = .kill
    return Report()
  }
}
