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

  public var description: String {
    let reason =
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
    return path.isEmpty ? reason : "\(path): \(reason)"
  }
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

  public init(type: Type, location: Location, memory: any MemoryReader, path: String) {
    self.type = type
    self.location = location
    self.memory = memory
    self.path = path
  }

  /// Where it is, or nil for a copy.
  public var address: Address? {
    if case .memory(let address) = location { address } else { nil }
  }
}
