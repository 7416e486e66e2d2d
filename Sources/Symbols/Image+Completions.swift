extension Image {
  /// Names of variables, functions and types that start with `prefix` (or have a component that does),
  /// sorted, at most `limit`.
  public func completions(of prefix: String, limit: Int) -> [String] {
    guard limit > 0 else { return [] }
    var names: Set<String> = []
    func consider(_ name: String) {
      if Self.matches(name, prefix) { names.insert(name) }
    }
    for variable in index.variables { consider(qualifiedName(of: variable.item)) }
    let withCode = Set(index.code.map(\.function))
    for position in withCode.sorted() {
      consider(qualifiedName(of: index.functions[Int(position)]))
    }
    for type in index.types { consider(qualifiedName(of: type)) }
    return Array(names.sorted().prefix(limit))
  }

  private static func matches(_ name: String, _ prefix: String) -> Bool {
    if name.hasPrefix(prefix) { return true }
    var rest = Substring(name)
    while let separator = rest.firstRange(of: "::") {
      rest = rest[separator.upperBound...]
      if rest.hasPrefix(prefix) { return true }
    }
    return false
  }
}

extension Substring {
  /// The first place of an ASCII text; without Foundation.
  fileprivate func firstRange(of text: String) -> Range<Index>? {
    var position = startIndex
    let wanted = Array(text.utf8)
    while position < endIndex {
      if utf8[position...].starts(with: wanted) {
        return position..<utf8.index(position, offsetBy: wanted.count)
      }
      position = utf8.index(after: position)
    }
    return nil
  }
}
