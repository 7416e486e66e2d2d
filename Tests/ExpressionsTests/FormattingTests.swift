import Expressions
import Testing

@Suite struct TargetTextTests {
  @Test(arguments: [
    ("plain", "\"plain\""), ("a\"b\\", "\"a\\\"b\\\\\""), ("\n\r\t\0", "\"\\n\\r\\t\\0\""),
    ("\u{1b}]0;x\u{7}", "\"\\u{1b}]0;x\\u{7}\""), ("\u{7f}", "\"\\u{7f}\""),
    ("\u{9b}", "\"\\u{9b}\""), ("grüße", "\"grüße\""), ("\u{202e}", "\"\\u{202e}\""),
    ("\u{200b}\u{feff}\u{2028}\u{a0}", "\"\\u{200b}\\u{feff}\\u{2028}\\u{a0}\""),
    ("\u{e000}", "\"\\u{e000}\""), ("日本", "\"日本\""),
    ("a\u{301}\u{301}\u{301}\u{301}", "\"a\u{301}\u{301}\\u{301}\\u{301}\""),
  ])
  func quoted(text: String, expected: String) {
    #expect(TargetText.quoted(Array(text.utf8)) == expected)
  }

  @Test(
    arguments: [
      ([0xff], "\"\\xff\""), ([0xc0, 0x80], "\"\\xc0\\x80\""),
      ([0xed, 0xa0, 0x80], "\"\\xed\\xa0\\x80\""),
      ([0xe2, 0x82], "\"\\xe2\\x82\""), ([0xf5, 0x41], "\"\\xf5A\""), ([0xc3, 0x41], "\"\\xc3A\""),
      ([0xf4, 0x90, 0x80, 0x80], "\"\\xf4\\x90\\x80\\x80\""),
    ] as [([UInt8], String)])
  func illFormed(bytes: [UInt8], expected: String) {
    #expect(TargetText.quoted(bytes) == expected)
  }

  @Test func noByteSequenceGetsThrough() {
    var random = SplitMix(state: 4)
    for _ in 0..<2000 {
      let bytes = (0..<20).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      for scalar in TargetText.quoted(bytes).unicodeScalars {
        #expect(
          scalar.value >= 0x20 && scalar.value != 0x7f && !(0x80..<0xa0).contains(scalar.value))
      }
    }
  }
}

@Suite struct TypeNameTests {
  @Test(arguments: [
    ("u8", "u8"), ("a::b::C", "C"), ("a::B<c::D, e::F<g::H>>", "B<D, F<H>>"), ("&a::b::C", "&C"),
    ("*const a::B", "*const B"), ("&[a::B]", "&[B]"), ("(a::B, c::D)", "(B, D)"),
    ("fn(a::B) -> c::D", "fn(B) -> D"), ("a::Option<b::C>::Some", "Some"), ("dyn a::B", "dyn B"),
    ("a::{impl#0}::f::{closure_env#0}<b::C>", "{closure_env#0}<C>"), ("[a::B; 3]", "[B; 3]"),
    ("a::B<&'static c::D>", "B<&'static D>"), (">::<", "<"), ("::::", ""), ("", ""),
  ])
  func short(name: String, expected: String) {
    #expect(TypeName.short(name) == expected)
  }
}

@Suite struct FormatNodeTests {
  static let thread = FormatNode(
    name: "Thread",
    content: .fields([
      FormatNode(label: "id", content: .text("105")),
      FormatNode(label: "name", content: .string(Array("fs\u{1b}".utf8), isTruncated: true)),
      FormatNode(label: "stack", content: .problem("not mapped\u{1b}")),
      FormatNode(
        label: "waits", content: .sequence([FormatNode(content: .text("1"))]), omitted: 4,
        note: "locked"),
    ]))

  @Test func oneLine() {
    #expect(
      Self.thread.renderLine()
        == #"Thread { id: 105, name: "fs\u{1b}"..., stack: <not mapped\u{1b}>, waits: [1, ... 4 more] (locked) }"#
    )
  }

  @Test func indented() {
    #expect(
      Self.thread.renderIndented(width: 30) == """
        Thread {
          id: 105,
          name: "fs\\u{1b}"...,
          stack: <not mapped\\u{1b}>,
          waits: [
            1,
            ... 4 more
          ] (locked),
        }
        """)
    #expect(Self.thread.renderIndented(width: 200) == Self.thread.renderLine())
  }

  @Test func mapsAndTuples() {
    let map = FormatNode(
      content: .map([
        [
          FormatNode(content: .text("1")), FormatNode(name: "Some", content: .tuple([Self.thread])),
        ],
        [FormatNode(content: .problem("corrupt"))],
      ]))
    #expect(map.renderLine().hasPrefix("{1: Some(Thread { id: 105"))
    #expect(map.renderLine().hasSuffix("), <corrupt>}"))
    #expect(
      map.renderIndented(width: 40).hasPrefix("{\n  1: Some(\n    Thread {\n      id: 105,\n"))
  }
}
