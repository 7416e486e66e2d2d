/// All commands, and which of them a word means.
public struct CommandTable: Sendable {
  public let commands: [any Command]

  public init(_ commands: [any Command]) { self.commands = commands }

  /// A command, and what of the line is left for it.
  public struct Match: Sendable {
    public let command: any Command
    public let rest: String
  }

  /// Finds the command at the start of `line`: exact names first, then aliases, then unique prefixes;
  /// among prefixes of one another (`thread`, `threads`) the shortest.
  public func resolve(_ line: String) throws(CommandError) -> Match {
    let line = line.trimmingBlanks
    let first = String(line.prefix { !$0.isWhitespace })
    let afterFirst = line.dropFirst(first.count).trimmingBlanks
    let word = try heads(first)
    let longer = paths.filter { $0.path.hasPrefix(word + " ") }
    guard !longer.isEmpty else { return Match(command: try single(word), rest: afterFirst) }
    let names = longer.map { String($0.path.dropFirst(word.count + 1)) }
    let second = String(afterFirst.prefix { !$0.isWhitespace })
    guard !second.isEmpty else {
      throw .usage(
        "'\(word)' needs one more word", hint: "one of: " + names.joined(separator: ", "))
    }
    let chosen = try choose(second, names: names, what: "'\(word)' subcommand")
    guard let found = longer.first(where: { $0.path == "\(word) \(chosen)" }) else {
      throw .usage("unknown command '\(word) \(chosen)'")
    }
    let rest = afterFirst.dropFirst(second.count).trimmingBlanks
    return Match(command: found.command, rest: rest)
  }

  /// All names and aliases, with what they mean.
  private var paths: [(path: String, command: any Command)] {
    commands.flatMap { command in ([command.name] + command.aliases).map { ($0, command) } }
  }

  /// The command with this very name or alias, or nil.
  public func command(named name: String) -> (any Command)? {
    commands.first { $0.name == name } ?? commands.first { $0.aliases.contains(name) }
  }

  /// Commands of two words that begin with `word`.
  public func family(_ word: String) -> [any Command] {
    commands.filter { $0.name.hasPrefix(word + " ") }
  }

  /// First words of all commands, sorted, without aliases.
  public var firstWords: [String] {
    Set(commands.map { String($0.name.prefix { $0 != " " }) }).sorted()
  }

  private func heads(_ typed: String) throws(CommandError) -> String {
    if firstWords.contains(typed) { return typed }
    if let command = commands.first(where: { $0.aliases.contains(typed) }) { return command.name }
    if typed == "i" { return "info" }
    return try choose(typed, names: firstWords, what: "command")
  }

  private func single(_ name: String) throws(CommandError) -> any Command {
    guard let command = commands.first(where: { $0.name == name }) else {
      throw .usage("unknown command '\(name)'", hint: "'help' lists all commands")
    }
    return command
  }

  private func choose(
    _ typed: String, names: [String], what: String
  ) throws(CommandError) -> String {
    if names.contains(typed) { return typed }
    let matches = Set(names.filter { $0.hasPrefix(typed) }).sorted()
    if let shortest = matches.first, !typed.isEmpty {
      if matches.allSatisfy({ $0.hasPrefix(shortest) }) { return shortest }
      throw .usage(
        "ambiguous \(what) '\(typed)'", hint: "it could be " + matches.joined(separator: ", "))
    }
    let known = names + (what == "command" ? commands.flatMap(\.aliases) : [])
    let guess = Spelling.nearest(to: typed, among: known)
    throw .usage(
      "unknown \(what) '\(typed)'",
      hint: guess.map { "did you mean '\($0)'?" } ?? "'help' lists all commands")
  }
}
