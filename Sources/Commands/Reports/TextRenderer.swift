/// Reports as text. The one way of text of the target to a terminal: every span is escaped here.
public struct TextRenderer: Sendable {
  public let terminal: Terminal

  public init(_ terminal: Terminal) { self.terminal = terminal }

  /// The report with line ends, without its warnings.
  public func render(_ report: Report) -> String {
    var output = ""
    if let title = report.title { output += styled(Escaping.line(title), .heading) + "\n" }
    for block in report.blocks {
      switch block {
      case .line(let line): output += render(line) + "\n"
      case .table(let table): output += render(table)
      case .log(let bytes):
        let text = Escaping.log(bytes: bytes)
        output += text
        if !text.isEmpty, text.last != "\n" { output += "\n" }
      }
    }
    for note in report.notes { output += styled(Escaping.line(note), .waiting) + "\n" }
    return output
  }

  public func render(_ line: Line) -> String {
    line.spans.map { styled(Escaping.line($0.text), $0.style) }.joined()
  }

  private func styled(_ text: String, _ style: Style) -> String {
    guard terminal.usesColor, let code = style.code, !text.isEmpty else { return text }
    return "\u{1b}[\(code)m\(text)\u{1b}[0m"
  }

  private func render(_ table: Table) -> String {
    let cells = table.rows.map { row in row.cells.map { Escaping.line($0.text) } }
    let natural = table.columns.indices.map { column in
      cells.reduce(TextWidth.of(table.columns[column].title)) { widest, row in
        column < row.count ? max(widest, TextWidth.of(row[column])) : widest
      }
    }
    let layout = TableLayout(columns: table.columns, natural: natural, width: terminal.width)
    var output = ""
    let titles = table.columns.map { Span($0.title, .heading) }
    output += line(titles, titles.map(\.text), table.columns, layout)
    for (row, texts) in zip(table.rows, cells) {
      output += line(row.cells, texts, table.columns, layout)
      if let problem = row.problem {
        output += styled("  ! " + Escaping.line(problem), .bad) + "\n"
      }
    }
    if !layout.dropped.isEmpty {
      let names = layout.dropped.reversed().joined(separator: ", ")
      output += styled(TextWidth.cut("(no room for \(names))", to: terminal.width ?? 80), .dim)
      output += "\n"
    }
    return output
  }

  private func line(
    _ spans: [Span], _ texts: [String], _ columns: [Table.Column], _ layout: TableLayout
  ) -> String {
    var output = ""
    var pending = 0
    for (index, width) in layout.shown {
      let text = index < texts.count ? TextWidth.cut(texts[index], to: width) : ""
      let style = index < spans.count ? spans[index].style : .plain
      let fill = max(0, width - TextWidth.of(text))
      let isRight = columns[index].alignment == .right
      if !text.isEmpty {
        output += String(repeating: " ", count: pending + (isRight ? fill : 0))
        output += styled(text, style)
        pending = isRight ? 0 : fill
      } else {
        pending += width
      }
      pending += TableLayout.gap
    }
    return output + "\n"
  }
}
