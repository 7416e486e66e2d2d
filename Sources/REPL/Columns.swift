import Commands

/// Words side by side, as `ls` shows them.
enum Columns {
  /// Lines end with CR LF: the terminal is in raw mode.
  static func text(_ words: [String], width: Int) -> String {
    let words = words.map { Escaping.line($0) }
    let cell = (words.map(\.count).max() ?? 0) + 2
    let columns = max(1, width / cell)
    let rows = (words.count + columns - 1) / columns
    var text = ""
    for row in 0..<rows {
      let line = stride(from: row, to: words.count, by: rows).map { index in
        words[index] + String(repeating: " ", count: cell - words[index].count)
      }
      text += line.joined() + "\r\n"
    }
    return text
  }
}
