import Foundation
import Testing

@testable import Commands

struct JSONTests {
  @Test("members keep their order; numbers are whole")
  func text() {
    let value: JSON = [
      "b": .number(.max), "a": .negative(-3), "list": [.null, .bool(true), "x"],
      "hex": .hex(255),
    ]
    #expect(
      value.text
        == #"{"b":18446744073709551615,"a":-3,"list":[null,true,"x"],"hex":"0xff"}"#)
  }

  @Test(
    "hostile strings survive a strict parser unchanged, and the line is harmless",
    arguments: [
      "plain", "quote\" back\\slash", "\u{1b}]52;c;x\u{7}", "a\nb\r\tc\0", "\u{9b}2J",
      "\u{202e}evil", "\u{2028}", "😀 日本 é", "\u{10fffd}", "</script>", "\u{7f}",
    ])
  func roundTrip(text: String) throws {
    let line = JSON.object([.init(text, .string(text))]).text
    let bytes = try JSONSerialization.jsonObject(with: Data(line.utf8))
    #expect(bytes as? [String: String] == [text: text])
    #expect(Escaping.line(line) == line)
  }
}
