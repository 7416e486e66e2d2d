public import KernelModel

/// What a command's arguments are names of.
public enum ArgumentKind: Sendable {
  case nothing
  /// Functions, variables, registers.
  case symbols
  case ids(ObjectKind)
  /// Filters.
  case fields(ObjectKind)
  case commands
  /// `why`: a kind, then an id.
  case objects
}

/// How a line may go on.
public struct Completion: Sendable, Equatable {
  /// What is completed: the end of the text before the cursor.
  public let word: String
  /// Full words that it may become, sorted; at most `limit`. Paths may have it inside:
  /// `schedule` becomes `kernel::thread::schedule`.
  public let candidates: [String]

  public static let limit = 200

  /// Completes the end of `text`, which stands before the cursor.
  public init(of text: String, in context: CommandContext) {
    let start = text.lastIndex { $0.isWhitespace }.map { text.index(after: $0) }
    let word = String(text[(start ?? text.startIndex)...])
    let before = text[..<(start ?? text.startIndex)].trimmingBlanks
    self.word = word
    let found = Self.candidates(word, after: before, context)
    candidates = Array(Set(found).sorted().prefix(Self.limit))
  }

  private static func candidates(
    _ word: String, after before: String, _ context: CommandContext
  ) -> [String] {
    if before.isEmpty { return context.table.firstWords.filter { $0.hasPrefix(word) } }
    let family = context.table.family(before == "i" ? "info" : before)
    if !family.isEmpty {
      let words = family.compactMap { $0.name.split(separator: " ").last.map(String.init) }
      return words.filter { $0.hasPrefix(word) }
    }
    guard let match = try? context.table.resolve(before) else { return [] }
    if word.hasPrefix("-") { return options(match.command).filter { $0.hasPrefix(word) } }
    let kind = match.command.arguments
    if case .symbols = kind { return symbols(word, context) }
    return arguments(kind, word, after: match.rest, context).filter { $0.hasPrefix(word) }
  }

  /// Words with dashes in the usage.
  private static func options(_ command: any Command) -> [String] {
    command.usage.flatMap { usage in
      usage.split { " []|".contains($0) }.filter { $0.hasPrefix("-") }.map(String.init)
    } + ["--json"]
  }

  private static func arguments(
    _ kind: ArgumentKind, _ word: String, after rest: String, _ context: CommandContext
  ) -> [String] {
    switch kind {
    case .nothing: []
    case .commands: context.table.firstWords
    case .symbols: symbols(word, context)
    case .ids(let kind): ids(kind, context)
    case .fields(let kind): fields(kind, word, context)
    case .objects:
      rest.isEmpty
        ? ObjectKind.allCases.map(\.rawValue)
        : ObjectKind(rawValue: rest).map { places($0, word, context) } ?? []
    }
  }

  /// The last name in an expression such as `*THREAD_MAP` or `(kernel::sch`.
  private static func symbols(_ word: String, _ context: CommandContext) -> [String] {
    let start = word.lastIndex { !($0.isLetter || $0.isNumber || "_:$".contains($0)) }
    let prefix = String(word[(start.map { word.index(after: $0) } ?? word.startIndex)...])
    let head = word.dropLast(prefix.count)
    let names: [String]
    if prefix.hasPrefix("$") {
      names = context.session.target.registerDescriptions.map { "$" + $0.name }
        .filter { $0.hasPrefix(prefix) }
    } else {
      guard prefix.count > 1 else { return [] }
      names = context.session.images.flatMap { $0.image.completions(of: prefix, limit: limit) }
    }
    return names.map { head + $0 }
  }

  private static func ids(_ kind: ObjectKind, _ context: CommandContext) -> [String] {
    ((try? context.kernel?.objects(of: kind)) ?? []).map(\.id)
  }

  private static func fields(
    _ kind: ObjectKind, _ word: String, _ context: CommandContext
  ) -> [String] {
    guard let mark = word.firstIndex(of: "=") else { return kind.fields.map { $0.name + "=" } }
    guard let field = kind.field(String(word[..<mark])) else { return [] }
    let objects = (try? context.kernel?.objects(of: kind)) ?? []
    return objects.compactMap { object in
      object.fields[field.name].map { "\(field.name)=" + FieldText.text($0.value, field.form) }
    }
  }

  private static func places(
    _ kind: ObjectKind, _ word: String, _ context: CommandContext
  ) -> [String] {
    guard let dot = word.firstIndex(of: ".") else { return ids(kind, context) }
    return kind.fields.map { word[...dot] + $0.name }
  }
}
