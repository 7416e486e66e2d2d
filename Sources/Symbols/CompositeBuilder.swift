import Binary
import DWARF

/// Makes the inside of a structure, union or Rust enum.
struct CompositeBuilder {
  let types: TypeBuilder

  func composite(_ die: DIE) throws(DWARFError) -> Composite {
    var members: [Member] = []
    var variants: VariantPart?
    var arguments: [(name: String, type: TypeReference)] = []
    var children = try die.children()
    while let child = try children.next() {
      switch child.tag {
      case .member:
        if let member = try member(child) { members.append(member) }
      case .inheritance:
        if let member = try member(child) { members.append(member) }
      case .variantPart: variants = try variantPart(child)
      case .templateTypeParameter:
        let name = try child.name().flatMap(types.image.text) ?? ""
        arguments.append((name, types.reference(try types.target(of: child))))
      default: break
      }
    }
    return Composite(members: members, variants: variants, arguments: arguments)
  }

  /// nil: a static member, which has no place in the structure.
  private func member(_ die: DIE) throws(DWARFError) -> Member? {
    var name: StringReference?
    var type: UInt64?
    var offset: UInt64 = 0
    var attributes = try die.attributes()
    while let (attribute, value) = try attributes.next() {
      switch attribute {
      case .name: name = try die.unit.string(value)
      case .type: if case .reference(let target) = value { type = target }
      case .dataMemberLocation: offset = value.number ?? 0
      case .dataBitOffset: offset = (value.number ?? 0) / 8
      case .external: return nil
      default: break
      }
    }
    return Member(name: name.flatMap(types.image.text), type: types.reference(type), offset: offset)
  }

  private func variantPart(_ die: DIE) throws(DWARFError) -> VariantPart {
    var discriminantOffset: UInt64?
    if case .reference(let offset)? = try die.attribute(.discr) { discriminantOffset = offset }
    let discriminant = try discriminantOffset.map { offset throws(DWARFError) in
      try types.image.information.die(at: offset)
    }
    let size = try discriminant.flatMap { die throws(DWARFError) in
      try types.byteCount(of: try types.target(of: die))
    }
    var variants: [Variant] = []
    var children = try die.children()
    while let child = try children.next() {
      guard child.tag == .variant else { continue }
      if let variant = try variant(child, mask: .mask(byteCount: size)) { variants.append(variant) }
    }
    return VariantPart(
      discriminant: try discriminant.flatMap { die throws(DWARFError) in try member(die) },
      variants: variants)
  }

  private func variant(_ die: DIE, mask: UInt64) throws(DWARFError) -> Variant? {
    var discriminants: [ClosedRange<UInt64>]?
    if let value = try die.attribute(.discrValue) {
      let number = value.lowBits & mask
      discriminants = [number...number]
    } else if case .block(let list)? = try die.attribute(.discrList) {
      discriminants = Self.ranges(in: list, mask: mask)
    }
    var children = try die.children()
    while let child = try children.next() {
      if child.tag == .member, let member = try member(child) {
        return Variant(discriminants: discriminants, member: member)
      }
    }
    return nil
  }

  /// Labels and ranges of a `DW_AT_discr_list` (DWARF 5 §7.22.1), up to the first that is
  /// malformed.
  private static func ranges(in list: Bytes, mask: UInt64) -> [ClosedRange<UInt64>] {
    var reader = ByteReader(list)
    var ranges: [ClosedRange<UInt64>] = []
    while !reader.isAtEnd, let kind = try? reader.u8(), let first = try? reader.uleb128() {
      let low = first & mask
      guard kind != 0 else {
        ranges.append(low...low)
        continue
      }
      guard let last = try? reader.uleb128(), low <= last & mask else { break }
      ranges.append(low...(last & mask))
    }
    return ranges
  }
}
