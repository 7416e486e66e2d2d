import Testing

@testable import Commands

struct TerminalTests {
  @Test(
    "who decides about colour",
    arguments: [
      (.auto, true, ["TERM": "xterm"], true), (.auto, false, ["TERM": "xterm"], false),
      (.auto, true, ["TERM": "dumb"], false), (.auto, true, [:], false),
      (.auto, true, ["TERM": "xterm", "NO_COLOR": "1"], false),
      (.auto, true, ["TERM": "xterm", "NO_COLOR": ""], true),
      (.auto, false, ["CLICOLOR_FORCE": "1"], true),
      (.auto, false, ["CLICOLOR_FORCE": "0"], false),
      (.auto, false, ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], false),
      (.always, false, ["NO_COLOR": "1"], true), (.never, true, ["CLICOLOR_FORCE": "1"], false),
    ] as [(Terminal.ColorChoice, Bool, [String: String], Bool)])
  func color(
    choice: Terminal.ColorChoice, isTerminal: Bool, environment: [String: String], expected: Bool
  ) {
    let terminal = Terminal(
      choice: choice, isTerminal: isTerminal, width: 100, environment: environment)
    #expect(terminal.usesColor == expected)
    #expect(terminal.width == (isTerminal ? 100 : nil))
  }

  @Test("a window without a size counts as 80 columns, a tiny one as 20")
  func widths() {
    for (width, expected) in [(0, 80), (nil, 80), (3, 20), (132, 132)] as [(Int?, Int)] {
      let terminal = Terminal(choice: .auto, isTerminal: true, width: width, environment: [:])
      #expect(terminal.width == expected)
    }
  }
}
