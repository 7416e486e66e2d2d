import Symbols

/// What was found in a container.
public struct ContainerContents {
  /// The key is nil in a sequence.
  public var entries: [(key: Value?, value: Value)] = []
  /// How many more there are, by the container's own count.
  public var omitted: UInt64 = 0
  /// Why there are no more, when the container or its memory is at fault.
  public var problem: ValueError?
}

extension Value {
  /// How deep wrappers may be nested.
  private static let maximumWrapping = 64

  /// What it means to those who wrote it, or nil: no more than its structure says.
  public func view() throws(ValueError) -> ValueView? {
    if let view = try FormatterRegistry.shared.view(of: self) { return view }
    guard case .array(_, let counts) = try bareType().kind, let count = counts.first ?? nil else {
      return nil
    }
    return .sequence(arrayElements(count: count))
  }

  private func arrayElements(count: UInt64) -> ValueSequence {
    ValueSequence(
      claimedCount: count,
      access: { index throws(ValueError) in try element(index) },
      walk: { body throws(ValueError) in
        for index in 0..<count {
          guard body(try element(index)) else { return }
        }
      })
  }

  /// What is inside of boxes, references, cells and locks.
  public func unwrapped() throws(ValueError) -> Value {
    var value = self
    for _ in 0..<Self.maximumWrapping {
      guard case .transparent(let inner, _) = try value.view() else { return value }
      value = inner
    }
    throw error(.limit("too many wrappers around the value"))
  }

  /// One step inwards for those who look for a field or an element: through a wrapper, a pointer, a
  /// tuple of one, an optional that is there; nil when there is nothing more inside.
  private func inner() throws(ValueError) -> Value? {
    switch try view() {
    case .transparent(let inner, _): return inner
    case .optional(let inner): return inner
    default: break
    }
    switch try bareType().kind {
    case .pointer(.some):
      return try dereferenced()
    case .structure(let composite) where composite.variants == nil:
      guard let member = try soleMember(of: composite), Self.isNumbered(member) else { return nil }
      return try child(member)
    default: return nil
    }
  }

  private static func isNumbered(_ member: Member) -> Bool {
    guard let name = member.name else { return false }
    return fieldName(name) == "0"
  }

  // MARK: Fields through wrappers

  /// The field of this name, its own or that of what it wraps, refers to or points to.
  public func smartMember(named name: String) throws(ValueError) -> Value {
    if let found = try smartMemberIfPresent(named: name) { return found }
    let innermost = try innermost()
    if let active = try? innermost.activeVariant(), active.payload == nil {
      throw error(.noSuchMember("it is `\(active.name)` now, so it has no field `\(name)`"))
    }
    let names = try innermost.memberNames()
    throw error(.noSuchMember(Self.explain(missing: name, names: names, of: self)))
  }

  /// As `smartMember(named:)`, nil when there is none.
  public func smartMemberIfPresent(named name: String) throws(ValueError) -> Value? {
    var value = self
    for _ in 0..<Self.maximumWrapping {
      if let member = try value.memberIfPresent(named: name) {
        return member.named(path + "." + Self.fieldName(name))
      }
      guard let inner = try value.inner() else { return nil }
      value = inner
    }
    throw error(.limit("too many wrappers around the value"))
  }

  /// The fields that a reader expects: those of the innermost wrapped value.
  public func smartMemberNames() throws(ValueError) -> [String] {
    try innermost().memberNames()
  }

  /// What is left when nothing more can be looked into.
  private func innermost() throws(ValueError) -> Value {
    var value = self
    for _ in 0..<Self.maximumWrapping {
      guard let inner = try value.inner() else { break }
      value = inner
    }
    return value
  }

  private static func explain(missing name: String, names: [String], of value: Value) -> String {
    let problem = "no field `\(name)` in `\(value.type.shortName)`"
    if let close = Spelling.closest(to: name, among: names) {
      return problem + "; did you mean `\(close)`?"
    }
    guard !names.isEmpty else { return problem + "; it has no fields" }
    let shown = names.prefix(24).joined(separator: ", ")
    return problem + "; it has \(shown)\(names.count > 24 ? ", ..." : "")"
  }

  // MARK: Containers

  /// The container that it is or wraps, or nil.
  private func container() throws(ValueError) -> ValueView? {
    var value = self
    for _ in 0..<Self.maximumWrapping {
      switch try value.view() {
      case .sequence(let sequence): return .sequence(sequence)
      case .map(let map): return .map(map)
      case .string, .text: return nil
      case .transparent, .optional, nil:
        guard let inner = try value.inner() else { return nil }
        value = inner
      }
    }
    throw error(.limit("too many wrappers around the value"))
  }

  private func requiredContainer() throws(ValueError) -> ValueView {
    if let container = try container() { return container }
    throw error(.wrongType("`\(type.shortName)` has no elements"))
  }

  /// The first `limit` elements of the container that it is or wraps, as far as they can be had.
  public func contents(limit: Int) throws(ValueError) -> ContainerContents {
    let container = try requiredContainer()
    var contents = ContainerContents()
    var count: UInt64 = 0
    do throws(ValueError) {
      switch container {
      case .sequence(let sequence):
        count = sequence.claimedCount
        guard limit > 0 else { break }
        try sequence.walk { value in
          contents.entries.append((nil, value))
          return contents.entries.count < limit
        }
      case .map(let map):
        count = map.claimedCount
        guard limit > 0 else { break }
        try map.walk { key, value in
          contents.entries.append((key, value))
          return contents.entries.count < limit
        }
      default: break
      }
    } catch {
      contents.problem = error
    }
    let found = UInt64(contents.entries.count)
    contents.omitted = count > found ? count - found : 0
    return contents
  }

  /// As `contents(limit:)`; throws its problem, if there is one.
  public func entries(limit: Int) throws(ValueError) -> [(key: Value?, value: Value)] {
    let contents = try contents(limit: limit)
    if let problem = contents.problem { throw problem }
    return contents.entries
  }

  /// How many elements the container that it is or wraps says it has.
  public func length() throws(ValueError) -> UInt64 {
    if let string = try? string() { return string.byteCount }
    return switch try requiredContainer() {
    case .sequence(let sequence): sequence.claimedCount
    case .map(let map): map.claimedCount
    default: 0
    }
  }

  /// The element at an index, or the value of a map's key, of the container that it is or wraps;
  /// pointers take C's meaning.
  public func smartElement(_ index: Int128) throws(ValueError) -> Value {
    if case .pointer = try bareType().kind, try container() == nil {
      return try element(try Self.index(index, of: self))
    }
    switch try requiredContainer() {
    case .map(let map):
      if let value = try map.value(forKey: index) { return value }
      throw error(.noSuchMember("no key \(index) among its \(map.claimedCount) entries"))
    case .sequence(let sequence):
      return try sequence.element(try Self.index(index, of: self), path: path)
    default:
      throw error(.wrongType("`\(type.shortName)` has no elements"))
    }
  }

  /// The value of a map's text key.
  public func smartElement(key text: [UInt8]) throws(ValueError) -> Value {
    guard case .map(let map) = try requiredContainer() else {
      throw error(.wrongType("`\(type.shortName)` is no map"))
    }
    if let value = try map.value(forKey: text) { return value }
    throw error(.noSuchMember("no such key among its \(map.claimedCount) entries"))
  }

  private static func index(_ number: Int128, of value: Value) throws(ValueError) -> UInt64 {
    guard let index = UInt64(exactly: number) else {
      throw value.error(.noSuchMember("index \(number) is no place in `\(value.type.shortName)`"))
    }
    return index
  }

  // MARK: Text

  /// The text that it is or wraps.
  public func string() throws(ValueError) -> TargetString {
    var value = self
    for _ in 0..<Self.maximumWrapping {
      switch try value.view() {
      case .string(let string): return string
      case .transparent(let inner, _): value = inner
      default: throw error(.wrongType("`\(type.shortName)` is no text"))
      }
    }
    throw error(.limit("too many wrappers around the value"))
  }
}
