import KernelModel
import Testing

@testable import Commands

struct TableTests {
  private static let columns: [Table.Column] = [
    .init("id", .right, expendability: 0), .init("name", isElastic: true),
    .init("pc", expendability: 3), .init("note", expendability: 2, isElastic: true),
  ]

  private func lines(width: Int?, _ rows: [[String]]) -> [String] {
    var table = Table(Self.columns)
    for row in rows { table.add(row) }
    let text = TextRenderer(Terminal(width: width)).render(Report(blocks: [.table(table)]))
    return text.split(separator: "\n").map(String.init)
  }

  @Test("without a width everything is shown, without blanks at line ends")
  func unlimited() {
    #expect(
      lines(width: nil, [["1", "idle", "0xffffff8040200804", ""], ["105", "fs", "-", "x"]]) == [
        " id  name  pc                  note",
        "  1  idle  0xffffff8040200804",
        "105  fs    -                   x",
      ])
  }

  @Test("a narrow terminal cuts elastic cells first, then drops columns, never cuts addresses")
  func narrow() {
    let row = ["1", "a-rather-long-name", "0xffffff8040200804", "more words than fit"]
    #expect(
      lines(width: 44, [row]) == [
        "id  name       pc                  note",
        " 1  a-rather…  0xffffff8040200804  more wor…",
      ])
    #expect(
      lines(width: 30, [row]) == [
        "id  name          note", " 1  a-rather-lo…  more words …", "(no room for pc)",
      ])
  }

  @Test("no line is wider than the terminal", arguments: [40, 60, 80, 200])
  func fits(width: Int) {
    let kernel = FakeKernel.sample()
    for kind in [ObjectKind.thread, .endpoint, .capability] {
      let table = ObjectTable.table(kernel.views[kind] ?? [], of: kind)
      let text = TextRenderer(Terminal(width: width)).render(Report(blocks: [.table(table)]))
      for line in text.split(separator: "\n") where !line.hasPrefix("  !") {
        #expect(TextWidth.of(line) <= width, "\(line)")
      }
      #expect(!text.contains("0xffffff804020…"))
    }
  }

  @Test("wide characters count as two columns")
  func wideCharacters() {
    #expect(TextWidth.of("日本") == 4)
    #expect(TextWidth.of("e\u{301}") == 1)
    #expect(TextWidth.cut("日本語", to: 4) == "日…")
    #expect(TextWidth.cut("abcdef", to: 4) == "abc…")
    #expect(TextWidth.cut("abcd", to: 4) == "abcd")
    #expect(TextWidth.cut("abc", to: 0) == "")
  }
}
