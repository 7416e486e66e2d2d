import Symbols

extension Value {
  /// The value as a tree for printing. Never fails: what cannot be had is a `problem` in its place.
  public func format(limits: FormatLimits = FormatLimits()) -> FormatNode {
    var formatter = ValueTreeBuilder(limits: limits)
    return formatter.node(for: self, depth: 0)
  }
}

/// Builds the tree of one value, within limits.
///
/// Depth is counted in quarters: a tuple of one (`Tid(105)`, `Some(...)`) is no level of its own to a
/// reader, but must not nest without end.
private struct ValueTreeBuilder {
  let limits: FormatLimits
  private static let level = 4
  var remainingNodes: Int
  private static let cut = FormatNode(content: .text("..."))

  init(limits: FormatLimits) {
    self.limits = limits
    remainingNodes = limits.nodes
  }

  mutating func node(for value: Value, depth: Int) -> FormatNode {
    remainingNodes -= 1
    guard remainingNodes >= 0 else { return Self.cut }
    var value = value
    var notes: [String] = []
    do throws(ValueError) {
      // Bounded: a cycle of wrappers alone ends here, all others at the depth limit.
      for _ in 0..<64 {
        guard let view = try value.view() else { break }
        switch view {
        case .transparent(let inner, let note):
          if let note, depth == 0 || !note.isOrdinary { notes.append(note.text) }
          value = inner
          continue
        case .optional: break
        default: return node(for: view, of: value, depth: depth).noting(notes)
        }
        break
      }
      return try structure(of: value, depth: depth).noting(notes)
    } catch {
      return fallback(for: value, error: error, depth: depth).noting(notes)
    }
  }

  /// A layout that no formatter knows is shown as it is; everything else is a problem in its place.
  private mutating func fallback(
    for value: Value, error: ValueError, depth: Int
  ) -> FormatNode {
    guard case .layoutUnknown = error.kind else { return problem(error) }
    do throws(ValueError) {
      return try structure(of: value, depth: depth).noting([error.reason])
    } catch {
      return problem(error)
    }
  }

  private func problem(_ error: ValueError) -> FormatNode {
    FormatNode(content: .problem(error.reason))
  }

  // MARK: Views

  private mutating func node(for view: ValueView, of value: Value, depth: Int) -> FormatNode {
    switch view {
    case .text(let text): return FormatNode(content: .text(text))
    case .string(let string): return node(for: string)
    case .sequence(let sequence): return node(for: sequence, depth: depth)
    case .map(let map): return node(for: map, depth: depth)
    case .transparent, .optional: return Self.cut
    }
  }

  private func node(for string: TargetString) -> FormatNode {
    do throws(ValueError) {
      let bytes = try string.bytes(limit: limits.stringBytes)
      return FormatNode(
        content: .string(bytes, isTruncated: UInt64(bytes.count) < string.byteCount))
    } catch {
      return problem(error)
    }
  }

  private mutating func node(for sequence: ValueSequence, depth: Int) -> FormatNode {
    guard isWithinDepth(depth) else {
      return FormatNode(content: .sequence([]), omitted: rest(of: sequence.claimedCount, after: 0))
    }
    var values: [Value] = []
    let failure = collect(into: &values) { values throws(ValueError) in
      guard limits.elements > 0 else { return }
      try sequence.walk { value in
        values.append(value)
        return values.count < limits.elements
      }
    }
    var nodes: [FormatNode] = []
    for value in values where remainingNodes > 0 {
      nodes.append(node(for: value, depth: depth + Self.level))
    }
    let omitted = rest(of: sequence.claimedCount, after: nodes.count)
    guard let failure else { return FormatNode(content: .sequence(nodes), omitted: omitted) }
    return FormatNode(content: .sequence(nodes + [failure]))
  }

  private mutating func node(for map: ValueMap, depth: Int) -> FormatNode {
    guard isWithinDepth(depth) else {
      return FormatNode(content: .map([]), omitted: rest(of: map.claimedCount, after: 0))
    }
    var entries: [(Value, Value)] = []
    let failure = collect(into: &entries) { entries throws(ValueError) in
      guard limits.elements > 0 else { return }
      try map.walk { key, value in
        entries.append((key, value))
        return entries.count < limits.elements
      }
    }
    var nodes: [[FormatNode]] = []
    for (key, value) in entries where remainingNodes > 0 {
      nodes.append([
        node(for: key, depth: depth + Self.level), node(for: value, depth: depth + Self.level),
      ])
    }
    let omitted = rest(of: map.claimedCount, after: nodes.count)
    guard let failure else { return FormatNode(content: .map(nodes), omitted: omitted) }
    return FormatNode(content: .map(nodes + [[failure]]))
  }

  private func isWithinDepth(_ depth: Int) -> Bool { depth / Self.level < limits.depth }

  /// How many elements are not shown, or nil: none.
  private func rest(of count: UInt64, after shown: Int) -> UInt64? {
    count > UInt64(shown) ? count - UInt64(shown) : nil
  }

  /// Runs a walk; what went wrong becomes a node behind the elements.
  private func collect<Element>(
    into elements: inout [Element],
    _ walk: (inout [Element]) throws(ValueError) -> Void
  ) -> FormatNode? {
    do throws(ValueError) {
      try walk(&elements)
      return nil
    } catch {
      return problem(error)
    }
  }

  // MARK: Structure

  private mutating func structure(of value: Value, depth: Int) throws(ValueError) -> FormatNode {
    if case .unavailable(let reason) = value.location {
      return FormatNode(content: .problem(reason))
    }
    let type = try value.bareType()
    switch type.kind {
    case .base(let encoding):
      return try ScalarText(value: value, limits: limits).node(encoding)
    case .pointer:
      return FormatNode(content: .text(try value.unsigned().hex(width: 16)))
    case .enumeration:
      return FormatNode(content: .text(try value.activeVariant()?.name ?? "?"))
    case .structure(let composite) where composite.variants != nil:
      return try variant(of: value, composite, depth: depth)
    case .structure, .union:
      return try fields(of: value, name: type.bareName, depth: depth)
    case .array:
      return FormatNode(content: .problem("array of unknown length"))
    case .function:
      return FormatNode(content: .text("function" + (value.address.map { " at \($0)" } ?? "")))
    case .alias, .declaration:
      return FormatNode(content: .problem("`\(type.shortName)` is only declared"))
    }
  }

  private mutating func variant(
    of value: Value, _ composite: Composite, depth: Int
  ) throws(ValueError) -> FormatNode {
    guard let active = try value.activeVariant() else { return Self.cut }
    guard let payload = active.payload else {
      return FormatNode(content: .text(active.name))
    }
    return try fields(of: payload, name: active.name, depth: depth)
  }

  private mutating func fields(
    of value: Value, name: String, depth: Int
  ) throws(ValueError) -> FormatNode {
    let registry = FormatterRegistry.shared
    let members = try value.members().filter { member in
      !(member.value.type.byteCount == 0 && registry.isNoise(member.value.type))
    }
    guard !members.isEmpty else { return FormatNode(content: .text(name)) }
    let isTuple = members.enumerated().allSatisfy { $1.name == String($0) }
    let isSingle = isTuple && members.count == 1
    guard isWithinDepth(isSingle ? depth - Self.level : depth) else {
      return FormatNode(name: name, content: .text("..."))
    }
    var nodes: [FormatNode] = []
    for member in members where remainingNodes > 0 {
      var node = node(
        for: member.value, depth: depth + (isSingle ? 1 : Self.level))
      if !isTuple { node.label = member.name }
      nodes.append(node)
    }
    let omitted = members.count - nodes.count
    return FormatNode(
      name: name.hasPrefix("(") ? nil : name, content: isTuple ? .tuple(nodes) : .fields(nodes),
      omitted: omitted > 0 ? UInt64(omitted) : nil)
  }
}

extension FormatNode {
  /// With remarks behind those it has.
  fileprivate func noting(_ notes: [String]) -> FormatNode {
    guard !notes.isEmpty else { return self }
    var node = self
    node.note = (notes + (note.map { [$0] } ?? [])).joined(separator: ", ")
    return node
  }
}

extension Type {
  /// Its short name before generic arguments: `Vec`.
  fileprivate var bareName: String { String(TypeName.head(shortName)) }
}
