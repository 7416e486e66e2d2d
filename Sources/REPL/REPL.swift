import Binary
public import Commands
import Machine

/// The interactive terminal: prompt, line, command, again.
public struct REPL {
  private let interpreter: Interpreter
  private let isEnding: () -> Bool

  /// `isEnding` is asked after each command.
  public init(_ interpreter: Interpreter, isEnding: @escaping () -> Bool) {
    self.interpreter = interpreter
    self.isEnding = isEnding
  }

  /// Runs until the user ends it. Returns false when the terminal cannot be used.
  public func run() -> Bool {
    guard let editor = LineEditor(program: "kscope") else { return runPlain() }
    let context = interpreter.context
    let history = HistoryFile.path()
    if let history { editor.loadHistory(history) }
    editor.complete = { text in Self.completion(Completion(of: text, in: context)) }
    Interrupt.shared.clear()
    while !isEnding() {
      switch editor.read(prompt: prompt) {
      case .line(let line):
        if !line.allSatisfy(\.isWhitespace) { editor.remember(line) }
        run(line)
      case .cancelled:
        Interrupt.shared.clear()
        write("\n")
      case .end:
        write("\n")
        context.ending = context.ending ?? .quit
      }
    }
    if let history { editor.saveHistory(history) }
    return true
  }

  /// A terminal that libedit does not know.
  private func runPlain() -> Bool {
    var reader = LineReader(StandardStreams.input)
    write("kscope > ")
    while let line = reader.next() {
      run(line)
      if isEnding() { break }
      write("kscope > ")
    }
    return true
  }

  private func run(_ line: String) {
    let context = interpreter.context
    context.terminal.width = StandardStreams.columns(StandardStreams.output).map { max($0, 20) }
    TerminalEcho.set(false)
    defer { TerminalEcho.set(true) }
    interpreter.run(line, from: .terminal)
    Interrupt.shared.clear()
  }

  /// `bramble[halted cpu0] > `
  private var prompt: String {
    let context = interpreter.context
    let name = Escaping.line(context.kernel?.name ?? "kscope")
    guard context.session.target.loss == nil else { return "\(name)[gone] > " }
    var place = context.consistency.rawValue
    if case .thread(let id)? = (try? context.selection())?.subject {
      place += " thread \(Escaping.line(id))"
    } else {
      place += " cpu\(context.session.selectedCPU)"
    }
    guard context.terminal.usesColor else { return "\(name)[\(place)] > " }
    return "\u{1}\u{1b}[1m\u{1}\(name)\u{1}\u{1b}[0m\u{1}[\(place)] > "
  }

  /// What all candidates have in common is inserted; when that is nothing, they are shown.
  static func completion(_ completion: Completion) -> LineEditor.Completion {
    let candidates = completion.candidates
    guard let first = candidates.first else { return .init() }
    let replaced = completion.word.unicodeScalars.count
    if candidates.count == 1 {
      return .init(replaced: replaced, text: first + (first.hasSuffix("=") ? "" : " "))
    }
    let common = candidates.reduce(first) { $0.commonPrefix(with: $1) }
    if common.hasPrefix(completion.word), common != completion.word {
      return .init(replaced: replaced, text: common)
    }
    return .init(choices: candidates)
  }

  private func write(_ text: String) {
    try? OutputFile.write(text.utf8, to: StandardStreams.output, named: "the terminal")
  }
}

extension String {
  func commonPrefix(with other: String) -> String {
    String(zip(self, other).prefix { $0 == $1 }.map(\.0))
  }
}
