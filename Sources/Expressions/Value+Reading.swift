import Machine
public import Symbols

extension Value {
  /// The most that is read for one value.
  public static let maximumByteCount: UInt64 = 1 << 20

  /// The size of its type; arrays without a count and declarations have none.
  public func byteCount() throws(ValueError) -> UInt64 {
    let type = try bareType()
    if let byteCount = type.byteCount { return byteCount }
    throw error(.wrongType("the size of `\(type.name)` is not known"))
  }

  /// All its bytes, at most `maximumByteCount`.
  public func bytes() throws(ValueError) -> [UInt8] {
    let count = try byteCount()
    guard count <= Self.maximumByteCount else {
      throw error(.limit("\(count) bytes are more than kscope reads for one value"))
    }
    return try bytes(at: 0, count: Int(count))
  }

  /// `count` bytes of it from `offset` on.
  func bytes(at offset: UInt64, count: Int) throws(ValueError) -> [UInt8] {
    switch location {
    case .unavailable(let reason):
      throw error(.unavailable(reason))
    case .bytes(let bytes):
      let (end, overflow) = offset.addingReportingOverflow(UInt64(count))
      guard !overflow, end <= UInt64(bytes.count) else {
        throw error(.corrupt("only \(bytes.count) bytes of it are there"))
      }
      return Array(bytes[Int(offset)..<Int(end)])
    case .memory(let address):
      guard count > 0 else { return [] }
      return try read(address + offset, count: count)
    }
  }

  private func read(_ address: Address, count: Int) throws(ValueError) -> [UInt8] {
    do throws(MemoryError) {
      if let copy, copy.covers(address, count: UInt64(count)) {
        return try copy.bytes(at: address, count: count)
      }
      return try memory.read(address, count: count)
    } catch {
      throw self.error(.memory(error))
    }
  }

  /// Its type without aliases.
  public func bareType() throws(ValueError) -> Type { try resolve(type) }

  /// A referenced type without aliases.
  func resolve(_ reference: TypeReference) throws(ValueError) -> Type {
    let type: Type
    do throws(SymbolError) {
      type = try reference.resolve()
    } catch {
      throw self.error(.symbols(error))
    }
    return try resolve(type)
  }

  private func resolve(_ type: Type) throws(ValueError) -> Type {
    var type = type
    for _ in 0..<64 {
      guard case .alias(let reference) = type.kind else { return type }
      do throws(SymbolError) {
        type = try reference.resolve()
      } catch {
        throw self.error(.symbols(error))
      }
    }
    throw error(.limit("too many aliases of a type"))
  }
}

// MARK: Scalars

extension Value {
  /// The number, pointer, boolean or enumeration that it is, or that is the only thing inside it
  /// (a newtype, an atomic, a cell).
  public func scalar() throws(ValueError) -> Value {
    var value = self
    for _ in 0..<32 {
      switch try value.bareType().kind {
      case .base, .pointer, .enumeration: return value
      case .structure(let composite) where composite.variants == nil:
        value = try value.onlyMember(of: composite)
      case .union(let composite):
        value = try value.onlyMember(of: composite)
      default: throw error(.wrongType("`\(type.name)` is not a number"))
      }
    }
    throw error(.limit("too many nested structures"))
  }

  /// The one member that has a size.
  private func onlyMember(of composite: Composite) throws(ValueError) -> Value {
    guard let member = try soleMember(of: composite) else {
      throw error(.wrongType("`\(type.name)` is not a number"))
    }
    return try child(member)
  }

  /// The only member that takes room, or nil: none, or several.
  func soleMember(of composite: Composite) throws(ValueError) -> Member? {
    var found: Member?
    for member in composite.members {
      guard try resolve(member.type).byteCount != 0 else { continue }
      guard found == nil else { return nil }
      found = member
    }
    return found
  }

  /// The bits of its `scalar()`, up to 16 bytes.
  public func bits() throws(ValueError) -> UInt128 {
    let scalar = try scalar()
    let bytes = try scalar.bytes()
    guard bytes.count <= 16 else {
      throw error(.wrongType("`\(type.name)` is no number: it has \(bytes.count) bytes"))
    }
    return bytes.reversed().reduce(0) { $0 << 8 | UInt128($1) }
  }

  /// Its `scalar()` as a number without sign; a negative one as its bit pattern.
  public func unsigned() throws(ValueError) -> UInt64 {
    guard let number = UInt64(exactly: try bits()) else {
      throw error(.limit("the number does not fit into 64 bits"))
    }
    return number
  }

  /// Its `scalar()` as a number, with the sign that its type has.
  public func signed() throws(ValueError) -> Int64 {
    guard let number = Int64(exactly: try integer()) else {
      throw error(.limit("the number does not fit into 64 bits with sign"))
    }
    return number
  }

  /// Its `scalar()` as a number of any size; 128-bit numbers without sign above 2^127 are refused.
  public func integer() throws(ValueError) -> Int128 {
    let scalar = try scalar()
    let bits = try scalar.bits()
    guard try scalar.isSigned() else {
      guard let number = Int128(exactly: bits) else {
        throw error(.limit("the number does not fit into 127 bits"))
      }
      return number
    }
    let unused = 128 - 8 * Int(try scalar.byteCount())
    return unused < 128 ? Int128(truncatingIfNeeded: bits << UInt128(unused)) >> Int128(unused) : 0
  }

  /// Whether its own type has a sign.
  func isSigned() throws(ValueError) -> Bool {
    switch try bareType().kind {
    case .base(.signed): return true
    case .enumeration(let enumeration):
      guard let underlying = enumeration.underlying,
        case .base(.signed) = try resolve(underlying).kind
      else { return false }
      return true
    default: return false
    }
  }

  /// Its `scalar()` as a boolean; anything but 0 and 1 is corrupt.
  public func bool() throws(ValueError) -> Bool {
    switch try bits() {
    case 0: return false
    case 1: return true
    case let bits: throw error(.corrupt("boolean with the value \(bits)"))
    }
  }
}
