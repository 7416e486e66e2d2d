import Expressions
import KernelModel
import Machine
import Symbols
import TestSupport

@testable import LuaPlugins

/// A target with a few statics made by hand.
final class FakeEnvironment: PluginEnvironment {
  let fake = FakeContext()
  var stopCount = 0
  var processors = [0, 1]

  var context: any EvaluationContext { fake }
  func cpus() throws(LuaError) -> [Int] { processors }
  func register(_ name: String, of cpu: Int) throws(LuaError) -> UInt64? {
    name == "pc" ? 0xffff_ff80_4020_0000 + UInt64(cpu) : nil
  }
  func describe(_ address: Address, root: PhysicalAddress?) -> String {
    "\(root.map { "space \($0.rawValue.hex())" } ?? "kernel") at \(address.rawValue.hex())"
  }
  func number(
    at address: Address, byteCount: Int, root: PhysicalAddress?
  ) throws(LuaError) -> UInt64 {
    do throws(MemoryError) {
      return try fake.fakeMemory.readUnsigned(address, byteCount: byteCount)
    } catch {
      throw LuaError(error.description)
    }
  }
  func root(ofCPU cpu: Int) -> PhysicalAddress? { PhysicalAddress(0x1000) }
}

final class FakeContext: EvaluationContext {
  let fakeMemory = FakeMemory()
  var statics: [String: Value] = [:]
  var types: [String: Type] = [:]

  func variable(named path: String) throws(ValueError) -> Value? { statics[path] }
  func function(named path: String) throws(ValueError) -> Value? { nil }
  func register(named name: String) throws(ValueError) -> Value? { nil }
  func type(named name: String) throws(ValueError) -> Type? { types[name] }
  func history(_ number: Int) -> Value? { nil }
  var memory: any MemoryReader { fakeMemory }
  var architecture: Architecture { .aarch64 }

  func add(_ name: String, _ type: Type, at address: UInt64) {
    statics[name] = Value(
      type: type, location: .memory(Address(address)), memory: fakeMemory, path: name)
  }
}

/// Types as rustc describes them.
enum Make {
  static let u8 = Type(name: "u8", byteCount: 1, kind: .base(.unsigned))
  static let u64 = Type(name: "u64", byteCount: 8, kind: .base(.unsigned))
  static let i32 = Type(name: "i32", byteCount: 4, kind: .base(.signed))
  static let bool = Type(name: "bool", byteCount: 1, kind: .base(.boolean))

  static func member(_ name: String, _ type: Type, _ offset: UInt64) -> Member {
    Member(name: name, type: TypeReference(type), offset: offset)
  }

  static func structure(_ name: String, _ members: [Member], _ byteCount: UInt64) -> Type {
    Type(
      name: name, qualifiedName: "fake::\(name)", byteCount: byteCount,
      kind: .structure(Composite(members: members)))
  }

  static func array(_ element: Type, _ count: UInt64) -> Type {
    Type(
      name: "[\(element.name); \(count)]", byteCount: (element.byteCount ?? 0) * count,
      kind: .array(element: TypeReference(element), counts: [count]))
  }

  /// A Rust enum of unit variants.
  static func units(_ name: String, _ variants: [String]) -> Type {
    Type(
      name: name, byteCount: 1,
      kind: .enumeration(
        Enumeration(
          underlying: TypeReference(u8),
          enumerators: variants.enumerated().map { ($0.element, UInt64($0.offset)) })))
  }

  /// `Option<u64>`: tag, then the number.
  static let optional: Type = {
    let none = structure("None", [], 16)
    let some = structure("Some", [member("__0", u64, 8)], 16)
    let part = VariantPart(
      discriminant: member("", u64, 0),
      variants: [
        Variant(discriminants: [0...0], member: member("None", none, 0)),
        Variant(discriminants: [1...1], member: member("Some", some, 0)),
      ])
    return Type(
      name: "Option<u64>", qualifiedName: "core::option::Option<u64>", byteCount: 16,
      kind: .structure(Composite(members: [], variants: part)))
  }()
}
