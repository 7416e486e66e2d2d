import Foundation

/// What the guest itself printed about its state: the oracle of the views.
///
/// `truth: KIND key=value ...` lines between `truth: begin` and `truth: end`.
struct GuestTruth {
  typealias Row = [String: String]

  /// Rows by kind, in the order printed.
  let rows: [String: [Row]]
  /// Number of lines that the guest says it printed, begin and end included or not as it says.
  let isComplete: Bool

  init(console: String) {
    var rows: [String: [Row]] = [:]
    var isComplete = false
    for line in console.split(whereSeparator: \.isNewline) where line.hasPrefix("truth: ") {
      let words = line.dropFirst("truth: ".count).split(separator: " ")
      guard let kind = words.first.map(String.init) else { continue }
      if kind == "begin" {
        rows = [:]
        isComplete = false
      }
      if kind == "end" { isComplete = true }
      var row: Row = [:]
      for word in words.dropFirst() {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { continue }
        row[String(parts[0])] = String(parts[1])
      }
      rows[kind, default: []].append(row)
    }
    self.rows = rows
    self.isComplete = isComplete
  }

  subscript(kind: String) -> [Row] { rows[kind] ?? [] }
}
