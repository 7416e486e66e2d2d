/// Something the user can ask for: one type, one file, one entry in `CommandTable`.
public protocol Command: Sendable {
  /// One word, or two: `info registers`.
  var name: String { get }
  /// Other names, GDB's among them; they win over prefixes.
  var aliases: [String] { get }
  /// One line for lists, without a full stop.
  var summary: String { get }
  /// Its forms, one a line.
  var usage: [String] { get }
  /// More lines for `help NAME`.
  var details: [String] { get }
  var group: CommandGroup { get }
  /// Its arguments are an expression, so ` | ` and ` > ` belong to it.
  var takesExpression: Bool { get }
  /// What its arguments name, for completion.
  var arguments: ArgumentKind { get }
  /// What an empty line after it does, or nil: nothing.
  var repetition: Repetition? { get }
  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report
}

public enum CommandGroup: String, Sendable, CaseIterable {
  case kernel = "Kernel objects"
  case stack = "Stacks and registers"
  case memory = "Memory and values"
  case execution = "Running and stopping"
  case general = "Everything else"
}

/// What an empty line repeats.
public enum Repetition: Sendable, Equatable {
  /// The same line again.
  case same
  /// The bare name: it goes on where it ended (`x`, `list`).
  case onward
}

extension Command {
  public var aliases: [String] { [] }
  public var details: [String] { [] }
  public var takesExpression: Bool { false }
  public var arguments: ArgumentKind { .nothing }
  public var repetition: Repetition? { nil }
}
