import Expressions
import Machine
import Symbols

/// A pointer that may carry a length or a vtable, however wrapped (`NonNull`, `Unique`). As rustc
/// describes it: a pointer, or a structure `{ data_ptr, length }` or `{ pointer, vtable }`.
struct FatPointer {
  enum Metadata {
    case none
    case length(UInt64)
    case vtable(Address)
  }

  let address: Address
  let metadata: Metadata
  /// What it points to, as its type describes it: the first element, or nothing of a trait object.
  let target: Value

  init(of value: Value) throws(ValueError) {
    let value = try Self.bare(value)
    guard let data = try value.memberIfPresent(named: "data_ptr") else {
      guard let vtable = try value.memberIfPresent(named: "vtable") else {
        self = try Self(pointer: value, metadata: .none)
        return
      }
      self = try Self(
        pointer: value.field("pointer"), metadata: .vtable(Address(try vtable.unsigned())))
      return
    }
    self = try Self(pointer: data, metadata: .length(try value.field("length").unsigned()))
  }

  private init(pointer: Value, metadata: Metadata) throws(ValueError) {
    address = Address(try pointer.unsigned())
    self.metadata = metadata
    target = try pointer.dereferenced()
  }

  /// Inside of structures with one member.
  private static func bare(_ value: Value) throws(ValueError) -> Value {
    var value = value
    for _ in 0..<16 {
      let members = try value.sizedMembers()
      guard members.count == 1, let name = members[0].name else { return value }
      value = try value.field(name)
    }
    return value
  }
}

/// `&str`, `&[T]`, `Box<str>`, `Box<[T]>`. Trait objects stay as they are: data and vtable.
struct FatPointerFormatter: ValueFormatter {
  let heads: [String] = []

  func view(of value: Value) throws(ValueError) -> ValueView? {
    guard case .structure(let composite) = try value.bareType().kind,
      composite.members.count == 2, composite.members.contains(where: { $0.name == "data_ptr" }),
      composite.members.contains(where: { $0.name == "length" })
    else { return nil }
    let pointer = try value.field("data_ptr")
    guard let element = try pointer.pointeeType() else { return nil }
    let length = try value.field("length").unsigned()
    let address = Address(try pointer.unsigned())
    switch UnsizedTarget.kind(ofPointer: value.type.name) {
    case .text:
      return .string(
        TargetString(address: address, byteCount: length, memory: value.memory, path: value.path))
    case .slice:
      return .sequence(
        .contiguous(element, at: address, count: length, memory: value.memory, path: value.path))
    case nil:
      return nil
    }
  }
}

/// A `str` or `[T]` in memory: a value only with a pointer that knows its length.
struct UnsizedTarget {
  enum Kind { case text, slice }

  /// The first element; for a `str`, its first byte.
  let data: Value
  let length: UInt64
  /// Of the type around it: `ArcInner<str>`.
  let typeName: String

  /// What `&str`, `&mut [u8]`, `alloc::boxed::Box<str, A>`, `ArcInner<str>` are about; nil: neither.
  static func kind(ofPointer name: String) -> Kind? {
    var rest = name[...]
    if let open = rest.firstIndex(of: "<"), !rest.hasPrefix("&"), !rest.hasPrefix("*") {
      rest = rest[open...].dropFirst()
    } else {
      for prefix in ["&mut ", "&", "*const ", "*mut "] where rest.hasPrefix(prefix) {
        rest = rest.dropFirst(prefix.count)
        break
      }
    }
    if rest.hasPrefix("[") { return .slice }
    guard rest.hasPrefix("str") else { return nil }
    return [nil, ">", ","].contains(rest.dropFirst(3).first) ? .text : nil
  }

  /// The same as a reference, which the formatters know.
  func value(path: String) -> Value {
    let size = Type(name: "usize", byteCount: 8, kind: .base(.unsigned))
    let pointer = Type(name: "", byteCount: 8, kind: .pointer(TypeReference(data.type)))
    let isText = Self.kind(ofPointer: typeName) == .text
    let type = Type(
      name: isText ? "&str" : "&[\(data.type.name)]", byteCount: 16,
      kind: .structure(
        Composite(members: [
          Member(name: "data_ptr", type: TypeReference(pointer), offset: 0),
          Member(name: "length", type: TypeReference(size), offset: 8),
        ])))
    let words = [data.address?.rawValue ?? 0, length]
    let bytes = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
    }
    return Value(type: type, location: .bytes(bytes), memory: data.memory, path: path)
  }
}
