import Symbols

/// Types that every program has, without looking for them.
enum BuiltinType {
  static let bool = Type(name: "bool", byteCount: 1, kind: .base(.boolean))
  static let character = Type(name: "char", byteCount: 4, kind: .base(.character))
  static let unit = Type(name: "()", byteCount: 0, kind: .base(.unit))
  static let i64 = integer("i64", 8, .signed)
  static let u64 = integer("u64", 8, .unsigned)
  static let i128 = integer("i128", 16, .signed)
  static let u128 = integer("u128", 16, .unsigned)

  private static let all: [String: Type] = {
    var types = [bool, character, unit, i64, u64, i128, u128]
    for (size, byteCount) in [("8", 1), ("16", 2), ("32", 4), ("size", 8)] as [(String, UInt64)] {
      types.append(integer("i" + size, byteCount, .signed))
      types.append(integer("u" + size, byteCount, .unsigned))
    }
    types.append(Type(name: "f32", byteCount: 4, kind: .base(.float)))
    types.append(Type(name: "f64", byteCount: 8, kind: .base(.float)))
    return Dictionary(types.map { ($0.name, $0) }) { first, _ in first }
  }()

  private static func integer(
    _ name: String, _ byteCount: UInt64, _ encoding: Type.Encoding
  ) -> Type {
    Type(name: name, byteCount: byteCount, kind: .base(encoding))
  }

  static func named(_ name: String) -> Type? { all[name] }

  /// The smallest and largest number of an integer type, or nil: no integer, or over 127 bits.
  static func range(of type: Type) -> ClosedRange<Int128>? {
    guard case .base(let encoding) = type.kind, let byteCount = type.byteCount, byteCount > 0,
      byteCount < 16
    else { return nil }
    let bits = Int128(byteCount * 8)
    switch encoding {
    case .unsigned: return 0...(1 << bits) - 1
    case .signed: return -(1 << (bits - 1))...(1 << (bits - 1)) - 1
    default: return nil
    }
  }

  static func pointer(to type: Type) -> Type {
    Type(name: "*const " + type.name, byteCount: 8, kind: .pointer(TypeReference(type)))
  }

  static func array(of element: Type, count: UInt64) -> Type {
    let product = element.byteCount.map { $0.multipliedReportingOverflow(by: count) }
    let byteCount = product.flatMap { $0.overflow ? nil : $0.partialValue }
    return Type(
      name: "[\(element.name); \(count)]", byteCount: byteCount,
      kind: .array(element: TypeReference(element), counts: [count]))
  }
}
