/// One typed line, taken apart: `caps domain=3 --json | less`.
struct CommandLine: Equatable {
  enum Destination: Equatable {
    case standardOutput
    /// Standard input of `/bin/sh -c` with this text.
    case shell(String)
    case file(String, appending: Bool)
  }

  /// `!` and what follows: for the shell alone.
  var shell: String?
  /// The words in front, up to the first that cannot be a command's name, and the rest.
  var text: String
  var modifier = ""
  var destination = Destination.standardOutput
  var wantsJSON = false

  /// `keepsOperators` tells whether ` | ` and ` > ` belong to the command: expressions have them too.
  init(parsing line: String, keepsOperators: (_ firstWord: String) -> Bool) {
    text = line.trimmingBlanks
    if text.hasPrefix("!") {
      shell = text.dropFirst().trimmingBlanks
      return
    }
    if let rest = text.afterWord("pipe") {
      text = rest
      splitPipe()
    } else if !keepsOperators(String(text.prefix { !$0.isWhitespace && $0 != "/" })) {
      splitPipe()
      splitRedirection()
    }
    takeJSON()
    takeModifier()
  }

  private mutating func splitPipe() {
    guard let place = text.rangeOutsideQuotes(of: " | ") else { return }
    destination = .shell(text[place.upperBound...].trimmingBlanks)
    text = text[..<place.lowerBound].trimmingBlanks
  }

  private mutating func splitRedirection() {
    guard destination == .standardOutput else { return }
    for (mark, appending) in [(" >> ", true), (" > ", false)] {
      guard let place = text.rangeOutsideQuotes(of: mark) else { continue }
      let path = Arguments.split(text[place.upperBound...]).joined(separator: " ")
      destination = .file(path, appending: appending)
      text = text[..<place.lowerBound].trimmingBlanks
      return
    }
  }

  /// `--json` as the last word, or right behind the name.
  private mutating func takeJSON() {
    if text.hasSuffix(" --json") {
      wantsJSON = true
      text = text.dropLast(7).trimmingBlanks
    }
    var words = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    if words.count == 2, let rest = String(words[1]).trimmingBlanks.afterWord("--json") {
      wantsJSON = true
      words[1] = Substring(rest)
      text = words.joined(separator: " ").trimmingBlanks
    }
  }

  /// `x/8i $pc`: the part between the slash and the blank.
  private mutating func takeModifier() {
    let name = text.prefix { $0.isLetter || $0 == "-" }
    guard !name.isEmpty, text.dropFirst(name.count).first == "/" else { return }
    let rest = text.dropFirst(name.count + 1)
    modifier = String(rest.prefix { !$0.isWhitespace })
    text = (name + " " + rest.dropFirst(modifier.count).trimmingBlanks).trimmingBlanks
  }
}

extension String {
  /// What follows `word` when the text starts with it, as a whole word.
  fileprivate func afterWord(_ word: String) -> String? {
    guard hasPrefix(word) else { return nil }
    let rest = dropFirst(word.count)
    return rest.isEmpty || rest.first?.isWhitespace == true ? rest.trimmingBlanks : nil
  }

  fileprivate func rangeOutsideQuotes(of mark: String) -> Range<Index>? {
    var quote: Character?
    var index = startIndex
    while index < endIndex {
      let character = self[index]
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "'" || character == "\"" {
        quote = character
      } else if self[index...].hasPrefix(mark) {
        return index..<self.index(index, offsetBy: mark.count)
      }
      index = self.index(after: index)
    }
    return nil
  }
}
