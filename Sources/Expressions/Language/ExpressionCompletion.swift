/// Proposes the fields that may follow a `.` or `->`.
public enum ExpressionCompletion {
  /// Whole replacements of the last word of `text` (`THREAD_MAP[105].na` gives
  /// `THREAD_MAP[105].name`), sorted; empty when `text` does not end in a field.
  public static func fields(of text: String, in context: any EvaluationContext) -> [String] {
    let word = lastWord(of: text)
    guard let cut = lastAccess(in: word) else { return [] }
    let operand = String(word[..<cut.lowerBound])
    let prefix = word[cut.upperBound...]
    guard let expression = try? Expression(parsing: operand),
      let value = try? expression.evaluate(in: context),
      let names = try? value.smartMemberNames()
    else { return [] }
    let head = word[..<cut.upperBound]
    return names.filter { $0.hasPrefix(prefix) }.sorted().map { head + $0 }
  }

  /// The part that hangs together: names, paths, fields and brackets.
  private static func lastWord(of text: String) -> Substring {
    var open = 0
    var start = text.endIndex
    while start > text.startIndex {
      let before = text.index(before: start)
      let character = text[before]
      if character == "]" || character == ")" { open += 1 }
      if character == "[" || character == "(" {
        guard open > 0 else { break }
        open -= 1
      }
      let isPart =
        open > 0 || character.isLetter || character.isNumber || "_:.$#{}[]()".contains(character)
        || (character == ">" && before > text.startIndex && text[text.index(before: before)] == "-")
        || (character == "-" && start < text.endIndex && text[start] == ">")
      guard isPart else { break }
      start = before
    }
    return text[start...]
  }

  /// The last `.` or `->` with nothing but a name behind it.
  private static func lastAccess(in word: Substring) -> Range<Substring.Index>? {
    var start = word.endIndex
    while start > word.startIndex {
      let before = word.index(before: start)
      let character = word[before]
      if character == "." { return before..<start }
      if character == ">", before > word.startIndex {
        let dash = word.index(before: before)
        return word[dash] == "-" ? dash..<start : nil
      }
      guard character.isLetter || character.isNumber || character == "_" else { return nil }
      start = before
    }
    return nil
  }
}
