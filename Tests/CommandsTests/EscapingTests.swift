import Testing

@testable import Commands

struct EscapingTests {
  @Test(
    "nothing passes that acts on a terminal",
    arguments: [
      ("plain text", "plain text"),
      ("naïve 日本", "naïve 日本"),
      ("\u{1b}]0;title\u{7}", "\\e]0;title\\x07"),
      ("\u{1b}]52;c;aGk=\u{1b}\\", "\\e]52;c;aGk=\\e\\"),
      ("a\u{9b}31m", "a\\u{9b}31m"),
      ("a\rb\nc\td\0", "a\\rb\\nc\\td\\0"),
      ("\u{8}\u{7f}", "\\x08\\x7f"),
      ("abc\u{202e}def", "abc\\u{202e}def"),
      ("a\u{200b}b\u{feff}", "a\\u{200b}b\\u{feff}"),
      ("\u{2028}\u{e000}", "\\u{2028}\\u{e000}"),
      ("\u{3164}", "\\u{3164}"),
      ("\u{e0001}", "\\u{e0001}"),
    ])
  func lines(text: String, expected: String) {
    #expect(Escaping.line(text) == expected)
    #expect(Escaping.line(bytes: Array(text.utf8)) == expected)
  }

  @Test(
    "bytes that are no UTF-8 appear one by one",
    arguments: [
      ([0x66, 0xff, 0x6f] as [UInt8], "f\\xffo"),
      ([0xc0, 0x80], "\\xc0\\x80"),
      ([0xe2, 0x82], "\\xe2\\x82"),
      ([0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"),
      ([0xf4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"),
      ([0xe0, 0x80, 0xaf], "\\xe0\\x80\\xaf"),
      ([0xe2, 0x82, 0xac], "€"),
      ([0xe2, 0x41], "\\xe2A"),
    ])
  func badBytes(bytes: [UInt8], expected: String) {
    #expect(Escaping.line(bytes: bytes) == expected)
  }

  @Test("a log keeps its lines and tabs, and no lone carriage return")
  func log() {
    #expect(Escaping.log(bytes: Array("a\tb\r\nc\rd\n\u{1b}[m\r".utf8)) == "a\tb\nc\\rd\n\\e[m\\r")
  }

  @Test("a heap of combining marks is cut")
  func combining() {
    let text = "e" + String(repeating: "\u{301}", count: 10_000)
    let escaped = Escaping.line(text)
    #expect(escaped.hasPrefix("e\u{301}\u{301}\u{301}\u{301}\\u{301}"))
    #expect(escaped.unicodeScalars.count { $0 == "\u{301}" } == Escaping.combiningLimit)
  }

  @Test("every control character and every C1 is escaped")
  func allControls() {
    for value in Array(UInt32(0)..<0x20) + Array(0x7f..<0xa0) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = Escaping.line(String(Character(scalar)))
      #expect(text.hasPrefix("\\"), "U+\(String(value, radix: 16))")
      #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f })
    }
  }
}
