/// Settings.
struct SetCommand: Command {
  let name = "set source-map"
  let summary = "where the source files of a compiler's folder are"
  let group = CommandGroup.general
  let usage = ["set source-map FROM TO", "set source-map"]
  let details = [
    "Paths that begin with FROM are looked for under TO. Without arguments, forgets all."
  ]

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    switch arguments.words.count {
    case 0: context.sourceMaps = []
    case 2: context.sourceMaps.insert((arguments.words[0], arguments.words[1]), at: 0)
    default: throw .usage("set source-map: expected two folders")
    }
    return Report(
      data: [
        "source_maps": .array(
          context.sourceMaps.map { ["from": .string($0.from), "to": .string($0.to)] })
      ])
  }
}
