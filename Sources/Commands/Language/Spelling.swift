/// Guesses what a mistyped word was meant to be.
enum Spelling {
  /// The candidate with the fewest changes, when they are few for the word's length; nil otherwise.
  static func nearest(to word: String, among candidates: [String]) -> String? {
    guard word.count > 1, word.count <= 40 else { return nil }
    let limit = max(1, word.count / 3)
    let scored = candidates.filter { $0.count > 1 }.map { ($0, distance(word, $0)) }
    return scored.filter { $0.1 <= limit }.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
  }

  /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
  static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    var previous: [Int] = []
    var current = Array(0...b.count)
    for i in 0..<a.count {
      let above = current
      current = [i + 1]
      for j in 0..<b.count {
        var best = min(above[j] + (a[i] == b[j] ? 0 : 1), min(above[j + 1], current[j]) + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          best = min(best, previous[j - 1] + 1)
        }
        current.append(best)
      }
      previous = above
    }
    return current[b.count]
  }
}
