import Expressions
import Machine
import Symbols
import Testing

@Suite struct ExpressionTests {
  let memory = FakeMemory()
  let context: FakeContext

  init() {
    context = FakeContext(memory: memory)
    memory.store([1, 2, 3, 4, 5, 6, 7, 8], at: 0x1000)
    context.define("kernel::ARRAY", Make.array(of: Make.u8, 8), at: 0x1000)
    let thread = Make.structure(
      "Thread", 16, Make.member("id", Make.u64, 0), Make.member("__0", Make.u32, 8))
    memory.store(105, at: 0x2000)
    memory.store(0xffff_ffff, at: 0x2008)
    context.define("thread", thread, at: 0x2000)
    context.types["kernel::Thread"] = thread
    context.types["Map<usize, Thread>"] = Make.structure("Map<usize, Thread>", 24)
    memory.store(0x2000, at: 0x3000)
    context.define("pointer", Make.pointer("*mut Thread", to: thread), at: 0x3000)
    context.define("state", Make.enumeration("State", 1, [("Ready", 1), ("Dead", 2)]), at: 0x1000)
    context.define("small", Make.u8, at: 0x1001)
    context.define("{impl#0}::STATIC", Make.u8, at: 0x1002)
    context.registers = ["pc": 0xffff_ff80_4020_0000, "x0": 5]
    context.values = [Make.u8, Make.u16].map {
      Value(type: $0, location: .memory(Address(0x1000)), memory: memory, path: "v")
    }
  }

  func evaluate(_ source: String) throws(ExpressionError) -> String {
    try Expression(parsing: source).evaluate(in: context).format().renderLine()
  }

  @Test(arguments: [
    ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"), ("10 - 4 - 3", "3"), ("-7 / 2", "-3"),
    ("-7 % 3", "-1"), ("1 << 4 | 1", "17"), ("6 & 3 ^ 1", "3"), ("0xff_u8", "255"),
    ("0b1010", "10"), ("0o17", "15"), ("1_000", "1000"), ("0x1f_ffusize", "8191"),
    ("1 | 2 == 3", "true"), ("1 < 2 && 2 < 1", "false"), ("0 || 5", "true"),
    ("!0", "true"), ("!5", "false"), ("~small", "253"), ("- - 3", "3"),
    ("18446744073709551615 + 1", "18446744073709551616"), ("u8::MAX", "255"), ("i8::MIN", "-128"),
    ("300 as u8", "44"), ("200 as u8 as i8", "-56"), ("-1 as u16", "65535"),
    ("(-1) as u16", "65535"),
    ("'a'", "'a'"), ("'\\n' as u8", "10"), ("true", "true"), ("false == 0", "true"),
    // Short circuit: the right side is not evaluated.
    ("0 && nothing", "false"), ("1 || nothing", "true"),
    ("1 / 1 + 2 - 3 * 4 % 5 << 1 >> 1", "1"),
  ])
  func arithmetic(source: String, expected: String) throws {
    #expect(try evaluate(source) == expected)
  }

  @Test(arguments: [
    ("thread.id", "105"), ("thread.0", "4294967295"), ("thread.id as u8 + 1", "106"),
    ("pointer.id", "105"), ("pointer->id", "105"), ("(*pointer).id", "105"),
    ("*pointer", "Thread { id: 105, 0: 4294967295 }"), ("pointer", "0x0000000000002000"),
    ("pointer + 1", "0x0000000000002010"), ("pointer - 1", "0x0000000000001ff0"),
    ("pointer[0].id", "105"), ("&thread", "0x0000000000002000"), ("(&thread)->id", "105"),
    ("&thread.0", "0x0000000000002008"), ("*&thread.id", "105"),
    ("(kernel::Thread*)0x2000", "0x0000000000002000"), ("((kernel::Thread *)0x2000)->id", "105"),
    ("(0x2000 as *const kernel::Thread).id", "105"), ("*(0x1000 as *const u16)", "513"),
    ("*(u8*)0x1003", "4"), ("*(0x1000 as *const [u8; 2])", "[1, 2]"),
    ("kernel::ARRAY[2]", "3"), ("kernel::ARRAY[thread.id - 104]", "2"),
    ("kernel::ARRAY[2..5]", "[3, 4, 5]"), ("kernel::ARRAY[6..]", "[7, 8]"),
    ("kernel::ARRAY[..=1]", "[1, 2]"), ("kernel::ARRAY[3..3]", "[]"),
    ("kernel::ARRAY[2..5][1]", "4"), ("::small", "2"), ("{impl#0}::STATIC", "3"),
    ("$pc", "18446743525029576704"), ("$x0 + 1", "6"), ("$X0", "5"),
    ("$1", "1"), ("$2", "513"), ("$", "513"), ("$$", "1"), ("$$1", "1"), ("$ + $$", "514"),
    ("sizeof(u32)", "4"), ("sizeof(thread)", "16"), ("sizeof(kernel::Thread)", "16"),
    ("sizeof(Map<usize,Thread>)", "24"), ("sizeof(thread.0)", "4"),
    ("sizeof([u16; 4])", "8"), ("sizeof(*const u8)", "8"), ("sizeof(thread) * 2", "32"),
    ("state == Ready", "true"), ("state != State::Dead", "true"), ("state as u8", "1"),
    ("state", "Ready"), ("small == 2", "true"), ("kernel::ARRAY[7] > small", "true"),
  ])
  func access(source: String, expected: String) throws {
    #expect(try evaluate(source) == expected)
  }

  @Test(
    arguments: [
      ("", "expected a value here", 0),
      ("1 +", "expected a value here", 3),
      ("1 2", "expected the end of the expression, not `2`", 2),
      ("(1", "expected `)` here", 2),
      ("kernel::ARRAY[", "expected a value here", 14),
      ("kernel::ARRAY[1", "expected `]` here", 15),
      ("kernel::", "expected a name here", 8),
      ("thread.", "expected the name of a field here", 7),
      ("nothing", "no variable or function `nothing` here", 0),
      ("thread.idd", "no field `idd` in `Thread`; did you mean `id`?", 7),
      ("thread.zzzz", "no field `zzzz` in `Thread`; it has id, 0", 7),
      ("kernel::ARRAY[8]", "index 8 is outside of its 8 elements", 13),
      ("kernel::ARRAY[-1]", "index -1 is no place in `[u8]`", 13),
      ("kernel::ARRAY[5..2]", "the range 5..2 is none", 13),
      ("1 / 0", "division by zero", 2), ("1 % 0", "division by zero", 2),
      ("1 << 200", "a shift by 200 bits", 2),
      ("170141183460469231731687303715884105727 + 1", "overflow", 40),
      ("99999999999999999999999999999999999999999", "the number is too large", 0),
      ("0x", "`0x` is no number", 0), ("12ab", "`12ab` is no number", 0),
      ("f(1)", "functions of the target are not called: that would change what is looked at", 1),
      (
        "thread.f()", "functions of the target are not called: that would change what is looked at",
        8
      ),
      ("*thread", "`Thread` is not a pointer", 0), ("thread + 1", "`Thread` is not a number", 0),
      ("&1", "it is not in memory, so it has no address", 0),
      ("&&thread", "an address has no address of its own", 0),
      ("1 as Nothing", "no type `Nothing`", 5), ("(Nothing*)1", "no type `Nothing`", 1),
      (
        "thread as kernel::Thread",
        "only numbers and pointers are cast; try `*(ADDRESS as *const kernel::Thread)`", 10
      ),
      ("$nothing", "no register `$nothing` here", 0), ("$9", "no value `$9` in the history", 0),
      ("$$9", "no value `$$9` in the history", 0),
      ("ambiguous", "several: a::ambiguous, b::ambiguous", 0),
      ("\"text", "the quote is not closed", 0), ("#", "`#` does not belong into an expression", 0),
      (
        "*(0x9000 as *const u8) + 1",
        "0x0000000000009000 is not mapped (no level 3 entry)", 0
      ),
      ("\"a\"", "text is only a key or compared with text", 0),
      ("small[1]", "`u8` has no elements", 5),
    ] as [(String, String, Int)])
  func errors(source: String, message: String, offset: Int) throws {
    let error = #expect(throws: ExpressionError.self) {
      _ = try Expression(parsing: source).evaluate(in: context).format()
      // What fails only when it is read.
      _ = try Expression(parsing: "(\(source)) == 0").evaluate(in: context)
    }
    #expect(error?.message == message)
    // The second form stands one byte further to the right.
    #expect(error.map { $0.offset == offset || $0.offset == offset + 1 } == true)
  }

  @Test func errorsAreMarked() {
    let error = ExpressionError("no field", offset: 7)
    #expect(error.marked(in: "thread.idd") == "thread.idd\n       ^")
    #expect(error.marked(in: "a\u{1b}b.cdefgh") == "a\\u{1b}b.cdefgh\n            ^")
  }

  @Test(arguments: ["(", "-", "*", "!", "[", "&", "1+(", "a[", "sizeof(", "(u8*)", "x as "])
  func deepNestingIsRefused(piece: String) {
    let source = String(repeating: piece, count: 1000) + "1"
    #expect(throws: ExpressionError.self) { try Expression(parsing: source) }
  }

  @Test func deepButBalanced() throws {
    let parentheses = {
      String(repeating: "(", count: $0) + "1" + String(repeating: ")", count: $0)
    }
    #expect(try evaluate(parentheses(80)) == "1")
    #expect(throws: ExpressionError.self) { try evaluate(parentheses(1000)) }
    #expect(throws: ExpressionError.self) {
      try evaluate(String(repeating: "1+", count: 5000) + "1")
    }
    #expect(throws: ExpressionError.self) { try evaluate(String(repeating: "1", count: 20_000)) }
  }

  /// Whatever is typed, there is an answer or an error.
  @Test func anyTextIsSafe() {
    var random = SplitMix(state: 20_261_123)
    let pieces = [
      "(", ")", "[", "]", ".", "..", "->", "::", "*", "&", "-", "+", "<", ">", "<<", ">>", "as",
      "u8", "thread", "id", "0", "1", "105", "$", "$pc", "$1", "'", "\"", "sizeof", "{impl#0}",
      "kernel::ARRAY", "pointer", " ", "ß", "\u{0}", "/", "%", "==", "&&", "||", "=", ";", "~", "!",
    ]
    for _ in 0..<20_000 {
      let count = Int(random.next() % 12)
      let source = (0..<count).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }
        .joined()
      _ = try? evaluate(source)
      _ = ExpressionCompletion.fields(of: source, in: context)
    }
  }

  @Test(arguments: [
    ("thread.", ["thread.0", "thread.id"]), ("thread.i", ["thread.id"]),
    ("1 + pointer->i", ["pointer->id"]), ("*thread.i", ["thread.id"]),
    ("f(thread.i", ["thread.id"]), ("kernel::ARRAY[thread.i", ["thread.id"]),
    ("pointer[0].i", ["pointer[0].id"]), ("nothing.i", []), ("thread", []), ("", []), (".", []),
  ])
  func completion(text: String, expected: [String]) {
    #expect(ExpressionCompletion.fields(of: text, in: context) == expected)
  }
}

/// A small seeded generator (Steele, Lea, Flood 2014).
struct SplitMix {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
