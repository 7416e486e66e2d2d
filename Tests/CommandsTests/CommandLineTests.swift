import Testing

@testable import Commands

struct CommandLineTests {
  private func parse(_ line: String) -> CommandLine {
    CommandLine(parsing: line) { ["p", "print", "x"].contains($0) }
  }

  @Test("pipes, files and shells")
  func destinations() {
    #expect(parse("threads | head -1").destination == .shell("head -1"))
    #expect(parse("threads | head -1").text == "threads")
    #expect(parse("caps > 'a file'").destination == .file("a file", appending: false))
    #expect(parse("caps >> /tmp/x").destination == .file("/tmp/x", appending: true))
    #expect(parse("!ls | wc").shell == "ls | wc")
    #expect(parse("threads name='a | b'").destination == .standardOutput)
  }

  @Test("expressions keep their operators; pipe overrides")
  func expressions() {
    #expect(parse("p a | b").text == "p a | b")
    #expect(parse("p a > b").destination == .standardOutput)
    #expect(parse("p/x a | b").destination == .standardOutput)
    #expect(parse("pipe p a | wc").destination == .shell("wc"))
    #expect(parse("pipe p a | wc").text == "p a")
  }

  @Test(
    "--json behind the name or at the end",
    arguments: [
      ("threads --json", "threads", true), ("threads --json state=x", "threads state=x", true),
      ("p --json a", "p a", true), ("p a--json", "p a--json", false),
      ("threads", "threads", false),
    ])
  func json(line: String, text: String, wantsJSON: Bool) {
    #expect(parse(line).text == text)
    #expect(parse(line).wantsJSON == wantsJSON)
  }

  @Test("modifiers stand behind a slash")
  func modifiers() {
    #expect(parse("x/8i $pc").text == "x $pc")
    #expect(parse("x/8i $pc").modifier == "8i")
    #expect(parse("p/x 10/2").text == "p 10/2")
    #expect(parse("list a/b.rs:3").modifier == "")
  }

  @Test(
    "words",
    arguments: [("a  b", ["a", "b"]), ("a 'b c' \"d\"", ["a", "b c", "d"]), ("''", [""])])
  func words(text: String, expected: [String]) { #expect(Arguments(text).words == expected) }

  @Test(
    "times",
    arguments: [
      ("5s", 5), ("200ms", 0.2), ("2m", 120), ("1.5", 1.5), ("s", nil), ("-1s", nil),
      ("nan", nil), ("1e99", nil), ("inf", nil), ("", nil),
    ] as [(String, Double?)])
  func times(text: String, seconds: Double?) { #expect(NumberText.seconds(text) == seconds) }

  @Test(
    "numbers",
    arguments: [
      ("12", 12), ("0x1f", 31), ("1_000", 1000), ("0x", nil), ("", nil), ("-1", nil), ("1a", nil),
      ("99999999999999999999", nil),
    ] as [(String, UInt64?)])
  func numbers(text: String, number: UInt64?) { #expect(NumberText.unsigned(text) == number) }
}
