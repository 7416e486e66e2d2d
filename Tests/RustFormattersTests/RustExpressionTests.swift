import Expressions
import Machine
import RustFormatters
import Symbols
import Testing

/// The statics of a Rust program as the names of the language.
final class ProgramContext: EvaluationContext {
  let program: RustProgram
  let architecture = Architecture.aarch64
  var memory: any MemoryReader { program }

  init(_ program: RustProgram) { self.program = program }

  func variable(named path: String) throws(ValueError) -> Value? { try? program.variable(path) }
  func function(named path: String) throws(ValueError) -> Value? { nil }
  func register(named name: String) throws(ValueError) -> Value? { nil }
  func history(_ number: Int) -> Value? { nil }

  func type(named name: String) throws(ValueError) -> Type? {
    do throws(SymbolError) {
      return try program.image.types(named: name).first
    } catch {
      throw ValueError(path: name, .symbols(error))
    }
  }
}

/// Expressions as people type them, on real containers.
@Suite(.enabled(if: !RustProgram.all.isEmpty)) struct RustExpressionTests {
  let context: ProgramContext

  init() throws {
    Self.registered
    context = ProgramContext(try #require(RustProgram.all.first?.program))
  }

  private static let registered: Void = RustFormatters.registerAll()

  func evaluate(_ source: String) throws(ExpressionError) -> String {
    try Expression(parsing: source).evaluate(in: context).format().renderLine()
  }

  @Test(arguments: [
    ("ALL.vec[1]", "2"), ("ALL.vec[0..2]", "[1, 2]"), ("ALL.deque[0]", "5"),
    ("ALL.deque[6]", "105"),
    ("ALL.deque[1..3]", "[100, 101]"), ("ALL.list[2]", "1"), ("ALL.set[3]", "3"),
    ("ALL.map_threads[4].id", "4"), ("ALL.map_threads[4].0.state", "Blocked(Send(4))"),
    ("ALL.map_threads[4].name", "\"t\""), ("ALL.map_threads[4].name == \"t\"", "true"),
    ("ALL.map_threads[4].state.0.0", "4"), ("ALL.map_threads[3].state == Ready", "true"),
    ("ALL.map_threads[4].state == State::Ready", "false"), ("ALL.map_text[\"low\"]", "Low"),
    ("ALL.map_id[4]", "()"), ("ALL.map_big[1999].id", "1999"), ("ALL.thread.next.id", "9"),
    ("ALL.thread.parent.0 + 1", "5"), ("ALL.thread.parent.Some.0", "4"), ("*ALL.boxed", "Id(9)"),
    ("ALL.boxed.0 as u8", "9"), ("ALL.nested.0", "5 (strong 1)"), ("ALL.atomics.0 * 2", "84"),
    ("ALL.atomics.2 < 0", "true"), ("ALL.atomics.1", "true"), ("ALL.nonzero.0", "12"),
    ("ALL.levels[2] as i8", "7"), ("ALL.vec_states[5].code", "-1"), ("ALL.slice[1]", "127"),
    ("ALL.array[1][0]", "3"), ("**ALL.reference", "8"),
    ("ALL.wide.1.B.0", "340282366920938463463374607431768211455"),
    ("HIDDEN.lock[2].id", "2"), ("HIDDEN.held", "[1, 2] (locked, holder 4096)"),
    ("HIDDEN.deque[1].id", "1"), ("HIDDEN.lock.locked", "true"),
    ("HIDDEN.empty", "<not initialised>"), ("HIDDEN.filled", "6"), ("*HIDDEN.raw", "8"),
    ("sizeof(values::Control) > 8", "true"), ("(values::Control*)&*ALL.thread.0 != 0", "true"),
    ("((values::Control*)&*ALL.thread.0)->id", "8"), ("NUMBER", "8"),
    ("HIDDEN.spin", "{3: 4} (locked)"), ("HIDDEN.spin[3]", "4"), ("HIDDEN.std", "[5] (unlocked)"),
    ("HIDDEN.rw", "6 (unlocked)"), ("ALL.hash_map[50]", "\"v50\""),
    ("ALL.hash_one[\"one\"]", "1"),
  ])
  func evaluates(source: String, expected: String) throws {
    #expect(try evaluate(source) == expected)
  }

  @Test func locksAndCounts() throws {
    #expect(
      try evaluate("HIDDEN.deque")
        == "[Thread(Control { id: 0, name: \"t\", state: Ready, parent: Some(0), next: None } (strong 2)), "
        + "Thread(Control { id: 1, name: \"t\", state: Blocked(Send(1)), parent: None, next: None } (strong 2)), "
        + "Thread(Control { id: 2, name: \"t\", state: Blocked(Send(2)), parent: Some(1), next: None } (strong 2))] (unlocked)"
    )
    #expect(try evaluate("HIDDEN.lock").hasSuffix("} (locked)"))
    // Data and vtable: what is behind it is not guessed.
    #expect(try evaluate("HIDDEN.shape").hasPrefix("Box { pointer: 0x"))
  }

  @Test(arguments: [
    ("ALL.map_threads[13]", "no key 13 among its 13 entries"),
    ("ALL.map_text[\"mid\"]", "no such key among its 2 entries"),
    ("ALL.thread.nmae", "no field `nmae` in `Thread`; did you mean `name`?"),
    ("ALL.none.x", "it is `None` now, so it has no field `x`"),
    ("ALL.deque[7]", "index 7 is outside of its 7 elements"),
    ("ALL.vec[3]", "index 3 is outside of its 3 elements"),
    ("ALL.string[0]", "`String` has no elements"),
  ])
  func errors(source: String, message: String) {
    let error = #expect(throws: ExpressionError.self) { try evaluate(source) }
    #expect(error?.message == message)
  }

  @Test func completion() {
    #expect(
      ExpressionCompletion.fields(of: "ALL.map_threads[4].na", in: context)
        == ["ALL.map_threads[4].name"])
    #expect(
      ExpressionCompletion.fields(of: "ALL.thread.", in: context)
        == ["id", "name", "next", "parent", "state"].map { "ALL.thread." + $0 })
  }
}
