public import Machine
public import Symbols

/// Why a value could not be had: what, and where it went wrong.
public struct ValueError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Kind: Equatable, Sendable {
    case memory(MemoryError)
    case symbols(SymbolError)
    /// The type has no such field, variant or element.
    case noSuchMember(String)
    /// The operation does not fit the type.
    case wrongType(String)
    /// The structure in memory contradicts itself: bad discriminant, length, parent link.
    case corrupt(String)
    /// The layout is none that a formatter knows.
    case layoutUnknown(String)
    /// Optimised out, not in the dump, not recorded.
    case unavailable(String)
    /// A limit of kscope was reached.
    case limit(String)
  }

  /// The expression or path of the value, as `why` prints it.
  public let path: String
  public let kind: Kind

  public init(path: String, _ kind: Kind) {
    self.path = path
    self.kind = kind
  }

  /// What is wrong, without the path.
  public var reason: String {
    switch kind {
    case .memory(let error): error.description
    case .symbols(let error): error.description
    case .noSuchMember(let what): what
    case .wrongType(let what): what
    case .corrupt(let what): "corrupt: \(what)"
    case .layoutUnknown(let what): "layout unknown: \(what)"
    case .unavailable(let what): what
    case .limit(let what): what
    }
  }

  public var description: String { path.isEmpty ? reason : "\(path): \(reason)" }
}

/// A typed place: nothing is read before it is needed.
public struct Value {
  public enum Location {
    /// In `memory`, at this address.
    case memory(Address)
    /// A copy: a register, a computed number, a cast.
    case bytes([UInt8])
    /// It has a type but no value here, and why.
    case unavailable(String)
  }

  public let type: Type
  public let location: Location
  /// The address space that the value's pointers are followed in.
  public let memory: any MemoryReader
  /// How it was reached: `bramble::thread::THREAD_MAP.data`.
  public let path: String

  /// The object that it is a part of, when that is small enough to be read at once.
  let copy: ObjectCopy?

  public init(type: Type, location: Location, memory: any MemoryReader, path: String) {
    self.init(type: type, location: location, memory: memory, path: path, within: nil)
  }

  init(
    type: Type, location: Location, memory: any MemoryReader, path: String, within copy: ObjectCopy?
  ) {
    self.type = type
    self.location = location
    self.memory = memory
    self.path = path
    if case .memory(let address) = location {
      let isInside = copy?.covers(address, count: type.byteCount ?? 0) ?? false
      self.copy =
        isInside
        ? copy : ObjectCopy(address: address, byteCount: type.byteCount, memory: memory)
    } else {
      self.copy = nil
    }
  }

  /// Where it is, or nil for a copy.
  // Never inlined: the optimiser of Swift 6.3.1 aborts on callers in other modules that consume the
  // value afterwards ("Found outside of lifetime use"). Can go when a release build passes without.
  @inline(never)
  public var address: Address? {
    if case .memory(let address) = location { address } else { nil }
  }

  /// The same place without anything that was read before.
  public func refreshed() -> Value {
    Value(type: type, location: location, memory: memory, path: path)
  }

  /// The same value under another name.
  public func named(_ path: String) -> Value {
    Value(type: type, location: location, memory: memory, path: path, within: copy)
  }

  func error(_ kind: ValueError.Kind) -> ValueError { ValueError(path: path, kind) }
}
