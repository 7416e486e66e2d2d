import Machine
public import Symbols

extension Value {
  private static let maximumVariantDepth = 16

  // MARK: Fields

  /// A part of it.
  func child(_ member: Member, path: String? = nil) throws(ValueError) -> Value {
    try part(
      of: resolve(member.type), at: member.offset,
      path: path ?? self.path + "." + Self.fieldName(member.name ?? ""))
  }

  /// A value of `type` at `offset` from its start.
  public func part(of type: Type, at offset: UInt64, path: String) throws(ValueError) -> Value {
    switch location {
    case .memory(let address):
      return Value(
        type: type, location: .memory(address + offset), memory: memory, path: path, within: copy)
    case .bytes:
      let bytes = try bytes(at: offset, count: Int(clamping: type.byteCount ?? 0))
      return Value(type: type, location: .bytes(bytes), memory: memory, path: path)
    case .unavailable:
      return Value(type: type, location: location, memory: memory, path: path)
    }
  }

  /// `0` for `__0`: a tuple's field as people write it.
  static func fieldName(_ name: String) -> String {
    let digits = name.dropFirst(2)
    guard name.hasPrefix("__"), !digits.isEmpty, digits.allSatisfy(\.isASCIIDigit) else {
      return name
    }
    return String(digits)
  }

  /// Its own field of this name (`0` and `__0` name the same); of an enum, a field of the active
  /// variant, or that variant by its name.
  public func member(named name: String) throws(ValueError) -> Value {
    if let value = try memberIfPresent(named: name) { return value }
    let names = try memberNames()
    let known =
      names.isEmpty ? "it has no fields" : "it has " + names.prefix(24).joined(separator: ", ")
    throw error(.noSuchMember("no field `\(name)` in `\(type.shortName)`; \(known)"))
  }

  /// As `member(named:)`, nil when there is none.
  public func memberIfPresent(named name: String) throws(ValueError) -> Value? {
    try memberIfPresent(named: name, depth: 0)
  }

  /// Variants may hold structures with variants; a description can even hold itself.
  private func memberIfPresent(named name: String, depth: Int) throws(ValueError) -> Value? {
    guard depth < Self.maximumVariantDepth else { throw error(.limit("too many nested variants")) }
    guard let composite = try composite() else { return nil }
    if let value = try member(named: name, of: composite, depth: 0) { return value }
    guard composite.variants != nil, let active = try activeVariant() else { return nil }
    if active.name == name { return active.payload ?? self }
    if composite.variants?.variants.contains(where: { $0.member.name == name }) == true {
      throw error(.noSuchMember("it is `\(active.name)` now, not `\(name)`"))
    }
    return try active.payload?.memberIfPresent(named: name, depth: depth + 1)?
      .named(path + "." + name)
  }

  private func member(
    named name: String, of composite: Composite, depth: Int
  ) throws(ValueError) -> Value? {
    let wanted = Self.fieldName(name)
    for member in composite.members {
      if let memberName = member.name {
        if Self.fieldName(memberName) == wanted { return try child(member) }
      } else if depth < 16 {
        let inner = try child(member, path: path)
        if let composite = try inner.composite(),
          let value = try inner.member(named: name, of: composite, depth: depth + 1)
        {
          return value
        }
      }
    }
    return nil
  }

  /// The inside of a structure, union or enum with data, or nil.
  public func composite() throws(ValueError) -> Composite? {
    switch try bareType().kind {
    case .structure(let composite), .union(let composite): composite
    default: nil
    }
  }

  /// Its own fields in the order of their addresses; of an enum, those of the active variant.
  public func members() throws(ValueError) -> [(name: String, value: Value)] {
    try members(depth: 0)
  }

  private func members(depth: Int) throws(ValueError) -> [(name: String, value: Value)] {
    guard depth < Self.maximumVariantDepth else { throw error(.limit("too many nested variants")) }
    guard let composite = try composite() else { return [] }
    var result: [(name: String, value: Value)] = []
    for member in composite.members {
      result.append((Self.fieldName(member.name ?? ""), try child(member)))
    }
    if composite.variants != nil, let payload = try activeVariant()?.payload {
      result += try payload.members(depth: depth + 1)
    }
    return result
  }

  /// The names of `members()`.
  public func memberNames() throws(ValueError) -> [String] {
    var names: [String] = []
    var value = self
    for _ in 0..<Self.maximumVariantDepth {
      guard let composite = try value.composite() else { break }
      names += composite.members.compactMap { $0.name.map(Self.fieldName) }
      guard composite.variants != nil, let payload = try? value.activeVariant()?.payload else {
        break
      }
      value = payload
    }
    return names
  }

  // MARK: Elements

  /// An array's element, checked against its count, or what a pointer's `index`-th target is.
  public func element(_ index: UInt64) throws(ValueError) -> Value {
    let path = "\(path)[\(index)]"
    switch try bareType().kind {
    case .array(let reference, let counts):
      if let count = counts.first ?? nil, index >= count {
        throw error(.noSuchMember("index \(index) is outside of its \(count) elements"))
      }
      let element = try elementType(reference, counts: counts)
      return try part(of: element, at: offset(of: index, in: element), path: path)
    case .pointer(let reference?):
      let element = try resolve(reference)
      return Value(
        type: element, location: .memory(try Address(unsigned()) + offset(of: index, in: element)),
        memory: memory, path: path)
    default:
      throw error(.wrongType("`\(type.shortName)` has no elements"))
    }
  }

  private func offset(of index: UInt64, in element: Type) throws(ValueError) -> UInt64 {
    guard let size = element.byteCount else {
      throw error(.wrongType("the size of `\(element.name)` is not known"))
    }
    let (offset, overflow) = index.multipliedReportingOverflow(by: size)
    guard !overflow else { throw error(.limit("index \(index) is beyond all memory")) }
    return offset
  }

  /// What one index leaves of an array's type.
  private func elementType(
    _ reference: TypeReference, counts: [UInt64?]
  ) throws(ValueError) -> Type {
    let element = try resolve(reference)
    let rest = Array(counts.dropFirst())
    guard !rest.isEmpty else { return element }
    var byteCount = element.byteCount
    for count in rest {
      guard let size = byteCount, let count else {
        byteCount = nil
        break
      }
      let (product, overflow) = size.multipliedReportingOverflow(by: count)
      byteCount = overflow ? nil : product
    }
    return Type(
      name: "\(element.name)[]", byteCount: byteCount,
      kind: .array(element: reference, counts: rest))
  }

  // MARK: Pointers

  /// What its `scalar()`, a pointer, points to. Reads the pointer, not the target.
  public func dereferenced() throws(ValueError) -> Value {
    guard let pointer = try? scalar() else {
      throw error(.wrongType("`\(type.shortName)` is not a pointer"))
    }
    guard case .pointer(let reference) = try pointer.bareType().kind else {
      throw error(.wrongType("`\(type.shortName)` is not a pointer"))
    }
    guard let reference else {
      throw error(.wrongType("`\(type.shortName)` does not say what it points to"))
    }
    let address = try pointer.unsigned()
    guard address != 0 else { throw error(.unavailable("null pointer")) }
    return Value(
      type: try resolve(reference), location: .memory(Address(address)), memory: memory,
      path: "*" + path)
  }

  /// The same place seen as another type; a number or pointer becomes one of another size.
  public func cast(to type: Type) throws(ValueError) -> Value {
    if case .memory(let address) = location, !(try isScalarType(type)) {
      return Value(type: type, location: .memory(address), memory: memory, path: path)
    }
    guard let size = type.byteCount, size <= 16 else {
      throw error(.wrongType("a number cannot become a `\(type.shortName)`"))
    }
    let bits = UInt128(truncatingIfNeeded: try integer())
    let bytes = (0..<Int(size)).map { UInt8(truncatingIfNeeded: bits >> UInt128($0 * 8)) }
    return Value(type: type, location: .bytes(bytes), memory: memory, path: path)
  }

  private func isScalarType(_ type: Type) throws(ValueError) -> Bool {
    switch try resolve(TypeReference(type)).kind {
    case .base, .pointer, .enumeration: true
    default: false
    }
  }
}

extension Character {
  var isASCIIDigit: Bool { isASCII && isNumber }
}
