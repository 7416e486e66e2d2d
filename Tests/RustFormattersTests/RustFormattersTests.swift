import Expressions
import Machine
import RustFormatters
import Testing

/// kscope against what Rust itself prints of the same values.
@Suite struct RustProgramTests {
  init() { Self.registered }

  private static let registered: Void = RustFormatters.registerAll()

  private static let everything = FormatLimits(
    depth: 40, elements: 100_000, stringBytes: 100_000, nodes: 1_000_000)

  /// Without this, a program that does not compile would only mean fewer tests.
  @Test func aCompilerThatIsThereWorks() {
    #expect(RustProgram.all.isEmpty == RustProgram.compilers.isEmpty)
  }

  @Test(arguments: RustProgram.all.map(\.compiler))
  func printsWhatRustPrints(compiler: String) throws {
    let program = try #require(RustProgram.all.first { $0.compiler == compiler }?.program)
    let all = try program.variable("ALL")
    #expect(program.printed.count > 40)
    for (name, text) in program.printed {
      let value = try all.smartMember(named: name)
      var line = value.format(limits: Self.everything).withoutNotes.renderLine()
      if name.hasPrefix("set") { line = "{" + line.dropFirst().dropLast() + "}" }
      #expect(line == text, "\(name)")
    }
  }
}

extension FormatNode {
  /// Without remarks, which Rust does not make.
  var withoutNotes: FormatNode {
    var node = self
    node.note = nil
    node.content =
      switch content {
      case .fields(let nodes): .fields(nodes.map(\.withoutNotes))
      case .tuple(let nodes): .tuple(nodes.map(\.withoutNotes))
      case .sequence(let nodes): .sequence(nodes.map(\.withoutNotes))
      case .map(let pairs): .map(pairs.map { $0.map(\.withoutNotes) })
      default: content
      }
    return node
  }
}
