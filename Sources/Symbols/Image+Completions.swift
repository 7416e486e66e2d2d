import Binary
import DWARF

extension Image {
  /// Names of variables, functions and types that start with `prefix` (or have a component that
  /// does), sorted, at most `limit`.
  public func completions(of prefix: String, limit: Int) -> [String] {
    guard limit > 0 else { return [] }
    var completion = Completion(image: self, prefix: prefix)
    for variable in index.variables { completion.consider(variable.item) }
    for position in Set(index.code.map(\.function)) {
      completion.consider(index.functions[Int(position)])
    }
    for type in index.types { completion.consider(type) }
    return Array(completion.names.sorted().prefix(limit))
  }
}

/// Compares bytes of own names first: only what matches becomes a string.
private struct Completion {
  private let image: Image
  private let prefix: String
  private var scopes: [Int32: ScopeMatch] = [:]
  private(set) var names: Set<String> = []

  /// What the scopes of an item leave to be matched.
  private struct ScopeMatch {
    /// A component of the scopes themselves begins with the prefix.
    var isComplete = false
    /// What the item's own name must begin with, in one of these ways.
    var rests: [[UInt8]] = []
  }

  init(image: Image, prefix: String) {
    self.image = image
    self.prefix = prefix
  }

  mutating func consider(_ item: SymbolIndex.Item) {
    let resolved = image.resolved(item)
    let scope = match(ofScope: resolved.scope)
    if scope.isComplete || image.name(resolved.name, beginsWithOneOf: scope.rests) {
      names.insert(image.qualifiedName(of: resolved))
    }
  }

  private mutating func match(ofScope scope: Int32) -> ScopeMatch {
    if let known = scopes[scope] { return known }
    var match = ScopeMatch(rests: [Array(prefix.utf8)])
    let components = QualifiedName(image.qualifiedName(ofScope: scope)).components
    for start in components.indices where scope >= 0 {
      let tail = components[start...].joined(separator: "::")
      if tail.hasPrefix(prefix) { match.isComplete = true }
      if prefix.hasPrefix(tail + "::") {
        match.rests.append(Array(prefix.utf8.dropFirst(tail.utf8.count + 2)))
      }
    }
    scopes[scope] = match
    return match
  }
}

extension Image {
  fileprivate func name(_ name: StringReference, beginsWithOneOf rests: [[UInt8]]) -> Bool {
    if name.isNone { return false }
    let bytes = sections[name.section]
    guard let start = Int(exactly: name.offset), start < bytes.count else { return false }
    return rests.contains { rest in
      guard bytes.count - start >= rest.count else { return false }
      return rest.indices.allSatisfy { bytes[start + $0] == rest[$0] }
    }
  }
}
