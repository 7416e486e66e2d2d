import Binary
import DWARF

/// Makes a `Type` of a DIE, one level deep.
struct TypeBuilder {
  let image: Image

  /// Chains of types followed for a name or a size.
  private static let depthLimit = 64

  func type(_ die: DIE) throws(DWARFError) -> Type {
    let facts = try TypeFacts(die)
    let name = try name(of: die, facts, depth: 0)
    return Type(
      name: name, qualifiedName: qualifiedName(of: die, name: name),
      byteCount: try byteCount(of: die, facts, depth: 0), kind: try kind(of: die, facts))
  }

  private func kind(of die: DIE, _ facts: TypeFacts) throws(DWARFError) -> Type.Kind {
    if facts.isDeclaration { return .declaration }
    switch die.tag {
    case .baseType: return .base(facts.baseEncoding)
    case .pointerType, .referenceType, .rvalueReferenceType:
      return .pointer(try pointee(facts))
    case .structureType, .classType:
      return .structure(try CompositeBuilder(types: self).composite(die))
    case .unionType:
      return .union(try CompositeBuilder(types: self).composite(die))
    case .enumerationType: return .enumeration(try enumeration(die, facts))
    case .arrayType:
      return .array(element: reference(facts.type), counts: try counts(of: die))
    case .subroutineType: return .function
    case .typedef, .constType, .volatileType, .restrictType, .atomicType, .immutableType,
      .packedType, .sharedType:
      return .alias(reference(facts.type))
    default: return .declaration
    }
  }

  func reference(_ id: UInt64?) -> TypeReference {
    id.map { TypeReference(image, id: $0) } ?? TypeReference(.void)
  }

  /// nil: to `void` or `()`.
  private func pointee(_ facts: TypeFacts) throws(DWARFError) -> TypeReference? {
    guard let id = facts.type else { return nil }
    let target = try image.information.die(at: id)
    if target.tag == .baseType, try TypeFacts(target).byteCount == 0 { return nil }
    return TypeReference(image, id: id)
  }

  private func enumeration(_ die: DIE, _ facts: TypeFacts) throws(DWARFError) -> Enumeration {
    var enumerators: [(name: String, value: UInt64)] = []
    let mask = UInt64.mask(byteCount: facts.byteCount)
    var children = try die.children()
    while let child = try children.next() {
      guard child.tag == .enumerator, let value = try child.attribute(.constValue) else { continue }
      let name = try child.name().flatMap(image.text) ?? "<unnamed>"
      enumerators.append((name, value.lowBits & mask))
    }
    return Enumeration(
      underlying: facts.type.map { TypeReference(image, id: $0) }, enumerators: enumerators)
  }

  private func counts(of die: DIE) throws(DWARFError) -> [UInt64?] {
    var counts: [UInt64?] = []
    var children = try die.children()
    while let child = try children.next() {
      guard child.tag == .subrangeType || child.tag == .enumerationType else { continue }
      if let count = try child.attribute(.count) {
        counts.append(count.number)
      } else if let last = try child.attribute(.upperBound)?.number {
        let first = try child.attribute(.lowerBound)?.number ?? 0
        // An upper bound of -1 is how some compilers write an empty array.
        counts.append(last &- first &+ 1)
      } else {
        counts.append(nil)
      }
    }
    return counts.isEmpty ? [nil] : counts
  }

  // MARK: References

  /// The offset that `DW_AT_type` names, here or at what the DIE completes; nil: none.
  func target(of die: DIE) throws(DWARFError) -> UInt64? {
    var die = die
    for _ in 0..<Self.depthLimit {
      if case .reference(let offset)? = try die.attribute(.type) { return offset }
      guard let origin = try origin(of: die) else { return nil }
      die = origin
    }
    throw DWARFError(.debugInfo, at: die.offset, .referenceCycle)
  }

  /// What a DIE completes or is an instance of; nil: nothing.
  func origin(of die: DIE) throws(DWARFError) -> DIE? {
    for name in [DWAttribute.specification, .abstractOrigin] {
      if let value = try die.attribute(name) { return try image.information.target(of: value) }
    }
    return nil
  }

  /// `DW_AT_name`, here or at what the DIE completes; nil: none.
  func name(of die: DIE) throws(DWARFError) -> String? {
    var die = die
    for _ in 0..<Self.depthLimit {
      if let name = try die.name() { return image.text(name) }
      guard let origin = try origin(of: die) else { return nil }
      die = origin
    }
    throw DWARFError(.debugInfo, at: die.offset, .referenceCycle)
  }

  // MARK: Names

  private func qualifiedName(of die: DIE, name: String) -> String {
    guard let position = SymbolIndex.find(die.offset, in: image.index.types) else { return name }
    let scopes = image.qualifiedName(ofScope: image.index.types[position].scope)
    return scopes.isEmpty ? name : scopes + "::" + name
  }

  private func name(
    of die: DIE, _ facts: TypeFacts, depth: Int
  ) throws(DWARFError) -> String {
    if let name = facts.name.flatMap(image.text) { return name }
    guard depth < Self.depthLimit else { return "<cycle>" }
    switch die.tag {
    case .pointerType: return "*" + (try name(of: facts.type, depth: depth))
    case .referenceType, .rvalueReferenceType:
      return "&" + (try name(of: facts.type, depth: depth))
    case .arrayType:
      let element = try name(of: facts.type, depth: depth)
      return try counts(of: die).reversed().reduce(element) { inner, count in
        "[\(inner)" + (count.map { "; \($0)]" } ?? "]")
      }
    case .constType: return "const " + (try name(of: facts.type, depth: depth))
    case .volatileType: return "volatile " + (try name(of: facts.type, depth: depth))
    case .subroutineType: return "fn"
    default: return "<unnamed>"
    }
  }

  private func name(of id: UInt64?, depth: Int) throws(DWARFError) -> String {
    guard let id else { return "()" }
    let die = try image.information.die(at: id)
    let known = try name(of: die, try TypeFacts(die), depth: depth + 1)
    return qualifiedName(of: die, name: known)
  }

  // MARK: Sizes

  private func byteCount(
    of die: DIE, _ facts: TypeFacts, depth: Int
  ) throws(DWARFError) -> UInt64? {
    if let known = facts.byteCount { return known }
    guard depth < Self.depthLimit, !facts.isDeclaration else { return nil }
    switch die.tag {
    case .pointerType, .referenceType, .rvalueReferenceType:
      return UInt64(die.unit.header.addressByteCount)
    case .typedef, .constType, .volatileType, .restrictType, .atomicType, .immutableType,
      .packedType, .sharedType:
      return try byteCount(of: facts.type, depth: depth)
    case .arrayType:
      var total = try byteCount(of: facts.type, depth: depth)
      for count in try counts(of: die) {
        guard let count, let size = total else { return nil }
        let (product, overflow) = size.multipliedReportingOverflow(by: count)
        total = overflow ? nil : product
      }
      return total
    default: return nil
    }
  }

  func byteCount(of id: UInt64?, depth: Int = 0) throws(DWARFError) -> UInt64? {
    guard let id else { return nil }
    let die = try image.information.die(at: id)
    return try byteCount(of: die, try TypeFacts(die), depth: depth + 1)
  }
}

/// The attributes that types share, read in one go.
struct TypeFacts {
  private(set) var name: StringReference?
  private(set) var byteCount: UInt64?
  /// Offset of the type's own `DW_AT_type`.
  private(set) var type: UInt64?
  private(set) var isDeclaration = false
  private var encoding: UInt64 = 0

  init(_ die: DIE) throws(DWARFError) {
    var attributes = try die.attributes()
    while let (attribute, value) = try attributes.next() {
      switch attribute {
      case .name: name = try die.unit.string(value)
      case .byteSize: byteCount = value.number
      case .type: if case .reference(let offset) = value { type = offset }
      case .declaration: isDeclaration = true
      case .encoding: encoding = value.number ?? 0
      default: break
      }
    }
  }

  var baseEncoding: Type.Encoding {
    if byteCount == 0 { return .unit }
    guard let raw = UInt8(exactly: encoding) else { return .other(0) }
    switch DWEncoding(rawValue: raw) {
    case .unsigned, .unsignedChar, .address: return .unsigned
    case .signed, .signedChar: return .signed
    case .boolean: return .boolean
    case .float: return .float
    case .utf, .ascii, .ucs: return .character
    default: return .other(raw)
    }
  }
}

extension AttributeValue {
  /// The low 64 bits of a constant of any form.
  var lowBits: UInt64 {
    if case .block(let bytes) = self {
      var value: UInt64 = 0
      for index in 0..<min(8, bytes.count) { value |= UInt64(bytes[index]) << UInt64(index * 8) }
      return value
    }
    return number ?? 0
  }
}

extension UInt64 {
  /// Ones in the low `byteCount` bytes; all ones when that is unknown.
  static func mask(byteCount: UInt64?) -> UInt64 {
    guard let byteCount, byteCount < 8 else { return .max }
    return (1 << (byteCount * 8)) - 1
  }
}
