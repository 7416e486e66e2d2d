import Expressions
import Machine
import Symbols

/// A few bytes of memory that count how they are read.
final class FakeMemory: MemoryReader {
  private var bytes: [UInt64: UInt8] = [:]
  private(set) var reads: [(address: UInt64, count: Int)] = []

  func store(_ values: [UInt8], at address: UInt64) {
    for (index, value) in values.enumerated() { bytes[address &+ UInt64(index)] = value }
  }

  func store(_ number: UInt64, at address: UInt64, count: Int = 8) {
    store((0..<count).map { UInt8(truncatingIfNeeded: number >> UInt64($0 * 8)) }, at: address)
  }

  func read(_ address: Address, count: Int) throws(MemoryError) -> [UInt8] {
    reads.append((address.rawValue, count))
    var result: [UInt8] = []
    for index in 0..<UInt64(count) {
      guard let byte = bytes[address.rawValue &+ index] else {
        throw MemoryError(address + index, .notMapped(level: 3))
      }
      result.append(byte)
    }
    return result
  }
}

/// Types made by hand.
enum Make {
  static let u8 = base("u8", 1, .unsigned)
  static let i8 = base("i8", 1, .signed)
  static let u16 = base("u16", 2, .unsigned)
  static let u32 = base("u32", 4, .unsigned)
  static let i32 = base("i32", 4, .signed)
  static let u64 = base("u64", 8, .unsigned)
  static let u128 = base("u128", 16, .unsigned)
  static let bool = base("bool", 1, .boolean)
  static let char = base("char", 4, .character)
  static let unit = base("()", 0, .unit)

  static func base(_ name: String, _ byteCount: UInt64, _ encoding: Type.Encoding) -> Type {
    Type(name: name, byteCount: byteCount, kind: .base(encoding))
  }

  static func member(_ name: String?, _ type: Type, _ offset: UInt64) -> Member {
    Member(name: name, type: TypeReference(type), offset: offset)
  }

  static func structure(_ name: String, _ byteCount: UInt64, _ members: Member...) -> Type {
    Type(name: name, byteCount: byteCount, kind: .structure(Composite(members: members)))
  }

  static func union(_ name: String, _ byteCount: UInt64, _ members: Member...) -> Type {
    Type(name: name, byteCount: byteCount, kind: .union(Composite(members: members)))
  }

  static func pointer(_ name: String = "*const T", to type: Type) -> Type {
    Type(name: name, byteCount: 8, kind: .pointer(TypeReference(type)))
  }

  static func array(of element: Type, _ counts: UInt64?...) -> Type {
    var byteCount = element.byteCount
    for count in counts { byteCount = byteCount.flatMap { size in count.map { size &* $0 } } }
    return Type(
      name: "[\(element.name)]", byteCount: byteCount,
      kind: .array(element: TypeReference(element), counts: counts))
  }

  static func enumeration(_ name: String, _ byteCount: UInt64, _ values: [(String, UInt64)]) -> Type
  {
    Type(
      name: name, byteCount: byteCount,
      kind: .enumeration(
        Enumeration(underlying: nil, enumerators: values.map { (name: $0.0, value: $0.1) })))
  }

  /// Variants with their discriminants, nil for the default.
  static func variants(
    _ name: String, _ byteCount: UInt64, tag: Type?, _ variants: [(String, UInt64?, Type)]
  ) -> Type {
    let part = VariantPart(
      discriminant: tag.map { member(nil, $0, 0) },
      variants: variants.map { variant in
        Variant(
          discriminants: variant.1.map { [$0...$0] }, member: member(variant.0, variant.2, 0))
      })
    return Type(
      name: name, byteCount: byteCount,
      kind: .structure(Composite(members: [], variants: part)))
  }
}

/// Names, registers and history of the tests.
final class FakeContext: EvaluationContext {
  let memory: any MemoryReader
  let architecture = Architecture.aarch64
  var variables: [String: Value] = [:]
  var registers: [String: UInt64] = [:]
  var types: [String: Type] = [:]
  var values: [Value] = []

  init(memory: any MemoryReader) { self.memory = memory }

  func define(_ name: String, _ type: Type, at address: UInt64) {
    variables[name] = Value(
      type: type, location: .memory(Address(address)), memory: memory, path: name)
  }

  func variable(named path: String) throws(ValueError) -> Value? {
    if path == "ambiguous" {
      throw ValueError(path: path, .wrongType("several: a::ambiguous, b::ambiguous"))
    }
    return variables[path]
  }

  func function(named path: String) throws(ValueError) -> Value? { nil }

  func register(named name: String) throws(ValueError) -> Value? {
    guard let number = registers[name] else { return nil }
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64($0 * 8)) }
    return Value(type: Make.u64, location: .bytes(bytes), memory: memory, path: "$" + name)
  }

  func type(named name: String) throws(ValueError) -> Type? { types[name] }

  func history(_ number: Int) -> Value? {
    let index = number > 0 ? number - 1 : values.count - 1 + number
    return values.indices.contains(index) ? values[index] : nil
  }
}
