/// What there is, and how to say it.
struct HelpCommand: Command {
  let name = "help"
  let aliases = ["h", "?"]
  let summary = "this list, or one command in full"
  let group = CommandGroup.general
  let usage = ["help [COMMAND]"]
  let arguments = ArgumentKind.commands

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    if arguments.isEmpty { return overview(context.table) }
    let family = context.table.family(arguments.raw)
    if !family.isEmpty { return list(family) }
    return one(try context.table.resolve(arguments.raw).command)
  }

  private func overview(_ table: CommandTable) -> Report {
    var report = Report()
    for group in CommandGroup.allCases {
      report.add(Line(group.rawValue, .heading))
      for command in table.commands where command.group == group {
        report.add(Self.line(command))
      }
    }
    report.add("'help COMMAND' says more; unique beginnings are enough; 'apropos WORD' searches.")
    report.data = ["commands": .array(table.commands.map(Self.json))]
    return report
  }

  private func list(_ commands: [any Command]) -> Report {
    Report(
      blocks: commands.map { .line(Self.line($0)) },
      data: ["commands": .array(commands.map(Self.json))])
  }

  private func one(_ command: any Command) -> Report {
    var report = Report()
    report.add(Line([Span(command.name, .heading), Span(" - " + command.summary)]))
    for form in command.usage { report.add("  " + Line(form)) }
    for line in command.details { report.add(Line(line)) }
    if !command.aliases.isEmpty {
      report.add(Line("Also: " + command.aliases.joined(separator: ", "), .dim))
    }
    report.data = ["commands": [Self.json(command)]]
    return report
  }

  static func line(_ command: any Command) -> Line {
    let aliases = command.aliases.filter { $0.count < 4 }.joined(separator: ", ")
    return Line([
      Span("  " + command.name.padded(to: 18), .name), Span(aliases.padded(to: 6), .dim),
      Span(" " + command.summary),
    ])
  }

  static func json(_ command: any Command) -> JSON {
    [
      "name": .string(command.name), "aliases": .array(command.aliases.map { .string($0) }),
      "summary": .string(command.summary), "usage": .array(command.usage.map { .string($0) }),
    ]
  }
}

extension Line {
  static func + (prefix: String, line: Line) -> Line { Line([Span(prefix)] + line.spans) }
}

/// Commands by a word in their description.
struct AproposCommand: Command {
  let name = "apropos"
  let summary = "commands whose description has a word"
  let group = CommandGroup.general
  let usage = ["apropos WORD"]

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    guard !arguments.isEmpty else { throw .usage("apropos: which word?") }
    let word = arguments.raw.lowercased()
    let found = context.table.commands.filter { command in
      ([command.name, command.summary] + command.aliases + command.usage + command.details)
        .contains { $0.lowercased().contains(word) }
    }
    return Report(
      blocks: found.map { .line(HelpCommand.line($0)) },
      notes: found.isEmpty ? ["nothing about '\(arguments.raw)'"] : [],
      data: ["commands": .array(found.map(HelpCommand.json))])
  }
}
