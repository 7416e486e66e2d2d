import Machine
import Symbols

/// Which alternative of an enum is there.
public struct ActiveVariant {
  public let name: String
  /// Its fields, or nil: it has none.
  public let payload: Value?
}

extension Value {
  /// The alternative that an enum holds, or nil: it is no enum. A discriminant that no variant
  /// claims is `corrupt`.
  public func activeVariant() throws(ValueError) -> ActiveVariant? {
    switch try bareType().kind {
    case .enumeration:
      return ActiveVariant(name: try enumeratorName(), payload: nil)
    case .structure(let composite), .union(let composite):
      guard let part = composite.variants else { return nil }
      return try activeVariant(of: part)
    default: return nil
    }
  }

  private func activeVariant(of part: VariantPart) throws(ValueError) -> ActiveVariant {
    let variant = try variant(of: part)
    let name = variant.member.name ?? "?"
    let payload = try child(variant.member, path: path + "." + name)
    let isEmpty = try payload.composite().map { $0.members.isEmpty && $0.variants == nil }
    return ActiveVariant(name: name, payload: isEmpty ?? false ? nil : payload)
  }

  private func variant(of part: VariantPart) throws(ValueError) -> Variant {
    guard let discriminant = part.discriminant else {
      guard part.variants.count == 1 else {
        throw error(.layoutUnknown("\(part.variants.count) variants but no discriminant"))
      }
      return part.variants[0]
    }
    let bits = try child(discriminant, path: path).bits()
    // A discriminant above 64 bits is claimed by no variant but the default.
    let number = UInt64(exactly: bits)
    var fallback: Variant?
    for variant in part.variants {
      guard let ranges = variant.discriminants else {
        fallback = variant
        continue
      }
      if let number, ranges.contains(where: { $0.contains(number) }) { return variant }
    }
    guard let fallback else {
      throw error(.corrupt("no variant of `\(type.shortName)` has the discriminant \(bits)"))
    }
    return fallback
  }

  /// The name of an enumeration's value (C, or a Rust enum of unit variants).
  private func enumeratorName() throws(ValueError) -> String {
    guard case .enumeration(let enumeration) = try bareType().kind else {
      throw error(.wrongType("`\(type.shortName)` is no enumeration"))
    }
    let size = Int(clamping: try byteCount())
    let mask = size >= 8 ? UInt64.max : (1 << UInt64(size * 8)) - 1
    let number = try unsigned()
    for enumerator in enumeration.enumerators where enumerator.value & mask == number {
      return enumerator.name
    }
    throw error(.corrupt("\(number) is no value of `\(type.shortName)`"))
  }
}
