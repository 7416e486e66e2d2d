import Testing

@testable import Commands

struct CommandTableTests {
  private let table = CommandTable.standard

  @Test(
    "names, GDB's abbreviations and unique beginnings",
    arguments: [
      ("b main", "break", "main"), ("tb f", "tbreak", "f"), ("hb *0x10", "hbreak", "*0x10"),
      ("d 1", "delete", "1"), ("c", "continue", ""), ("si 3", "stepi", "3"), ("ni", "nexti", ""),
      ("bt", "backtrace", ""), ("where", "backtrace", ""), ("f 2", "frame", "2"),
      ("up", "up", ""), ("down", "down", ""), ("x $sp", "x", "$sp"), ("p 1+1", "print", "1+1"),
      ("i r pc", "info registers", "pc"), ("info reg", "info registers", ""),
      ("i b", "info breakpoints", ""), ("info threads", "threads", ""),
      ("i s 0x10", "info symbol", "0x10"), ("l", "list", ""), ("disas", "disassemble", ""),
      ("q", "quit", ""), ("detach", "quit", ""), ("thread 105", "thread", "105"),
      ("thr 105", "thread", "105"), ("threads", "threads", ""), ("t 1", "thread", "1"),
      ("dom", "domain", ""), ("mon info version", "monitor", "info version"), ("h", "help", ""),
      ("rec", "recovery", ""), ("image list", "image list", ""), ("cont", "continue", ""),
      ("disasse main", "disassemble", "main"), ("cap 2:0", "cap", "2:0"),
    ])
  func resolves(line: String, name: String, rest: String) throws {
    let match = try table.resolve(line)
    #expect(match.command.name == name)
    #expect(match.rest == rest)
  }

  @Test(
    "what is wrong, and what to try",
    arguments: [
      ("thraeds", "unknown command 'thraeds'", "did you mean 'threads'?"),
      ("nonsense", "unknown command 'nonsense'", "'help' lists all commands"),
      ("co", "ambiguous command 'co'", "it could be console, continue"),
      ("info", "'info' needs one more word", nil),
      ("info zzz", "unknown 'info' subcommand 'zzz'", "'help' lists all commands"),
    ] as [(String, String, String?)])
  func refuses(line: String, message: String, hint: String?) {
    let error = #expect(throws: CommandError.self) { try table.resolve(line) }
    #expect(error?.message == message)
    #expect(error?.kind == .usage)
    if let hint { #expect(error?.hint == hint) }
  }

  @Test("no name or alias stands twice, and every command says how it is used")
  func consistency() {
    var seen: Set<String> = []
    for command in table.commands {
      for name in [command.name] + command.aliases {
        #expect(seen.insert(name).inserted, "\(name) stands twice")
      }
      #expect(!command.usage.isEmpty && !command.summary.isEmpty)
      #expect(!command.summary.hasSuffix("."))
    }
  }

  @Test(
    "distances of spellings",
    arguments: [("threads", "thraeds", 1), ("caps", "cap", 1), ("a", "b", 1), ("", "abc", 3)])
  func spelling(a: String, b: String, distance: Int) {
    #expect(Spelling.distance(a, b) == distance)
    #expect(Spelling.distance(b, a) == distance)
  }
}
