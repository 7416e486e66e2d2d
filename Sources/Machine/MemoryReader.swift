import Binary

/// Why memory could not be read: where and the reason.
public struct MemoryError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Reason: Equatable, Sendable {
    /// No page-table entry maps the address; which level's entry is invalid.
    case notMapped(level: Int)
    /// The target refused the read; its own words, escaped when shown.
    case refused(String)
    /// The address is outside of all RAM that the target has.
    case notMemory
    /// The dump does not contain it.
    case notInDump
    /// The dump should contain it, but its file is cut off there.
    case cutOff(at: UInt64)
    /// The address has bits above the translated width that no table covers.
    case nonCanonical
    /// No way to reach this address space: which root or register is missing.
    case noTranslation(String)
    /// The request exceeds what one read may ask for.
    case tooLarge
    /// The user interrupted the command.
    case interrupted
    /// The connection is gone.
    case connectionLost(String)
  }

  /// The address that was asked for (virtual or physical, see `isPhysical`).
  public let address: UInt64
  public let isPhysical: Bool
  public let reason: Reason

  public init(_ address: Address, _ reason: Reason) {
    self.address = address.rawValue
    self.isPhysical = false
    self.reason = reason
  }

  public init(_ address: PhysicalAddress, _ reason: Reason) {
    self.address = address.rawValue
    self.isPhysical = true
    self.reason = reason
  }

  public var description: String {
    let place = (isPhysical ? "physical " : "") + address.hex(width: 16)
    switch reason {
    case .notMapped(let level): return "\(place) is not mapped (no level \(level) entry)"
    case .refused(let words): return "the target cannot read \(place) (\(words))"
    case .notMemory: return "\(place) is not memory of the target"
    case .notInDump: return "\(place) is not in the dump"
    case .cutOff(let end): return "\(place) is not in the dump (file cut at \(end.hex()))"
    case .nonCanonical: return "bad address \(place) (non-canonical)"
    case .noTranslation(let what): return "cannot translate \(place): \(what)"
    case .tooLarge: return "too much memory asked for at \(place)"
    case .interrupted: return "interrupted while reading \(place)"
    case .connectionLost(let why): return "connection lost while reading \(place): \(why)"
    }
  }
}

/// Memory by virtual address, of one address space.
public protocol MemoryReader: AnyObject {
  /// Reads exactly `count` bytes, or throws: never short, never guessed.
  func read(_ address: Address, count: Int) throws(MemoryError) -> [UInt8]
  /// Where a byte comes from when it is read now.
  func provenance(of address: Address) -> Provenance
}

/// Memory by bus address.
public protocol PhysicalMemory: AnyObject {
  /// Reads exactly `count` bytes, or throws.
  func read(_ address: PhysicalAddress, count: Int) throws(MemoryError) -> [UInt8]
  /// Where RAM is, sorted, when the target can tell: only there may more be read than was asked for.
  var ranges: [Range<PhysicalAddress>]? { get }
  /// Reads several ranges, together where that saves time; nil: not read (a read of it alone tells
  /// why).
  func readAll(_ ranges: [Range<PhysicalAddress>]) -> [[UInt8]?]
  /// How many bytes are worth fetching when one of them is asked for; a power of two, at most 4096.
  var lineByteCount: Int { get }
  /// Where a byte comes from when it is read now.
  func provenance(of address: PhysicalAddress) -> Provenance
}

extension MemoryReader {
  public func provenance(of address: Address) -> Provenance { .live }
}

extension PhysicalMemory {
  public var lineByteCount: Int { 4096 }
  public func provenance(of address: PhysicalAddress) -> Provenance { .live }

  /// One after the other, up to the first that fails.
  public func readAll(_ ranges: [Range<PhysicalAddress>]) -> [[UInt8]?] {
    var result: [[UInt8]?] = []
    for range in ranges {
      let count = Int(clamping: range.upperBound.rawValue &- range.lowerBound.rawValue)
      guard let bytes = try? read(range.lowerBound, count: count) else { break }
      result.append(bytes)
    }
    return result + Array(repeating: nil, count: ranges.count - result.count)
  }
}

extension MemoryReader {
  /// An unsigned little-endian number of up to 8 bytes.
  public func readUnsigned(_ address: Address, byteCount: Int) throws(MemoryError) -> UInt64 {
    try read(address, count: byteCount).littleEndianValue
  }
}

extension PhysicalMemory {
  /// An unsigned little-endian number of up to 8 bytes.
  public func readUnsigned(
    _ address: PhysicalAddress, byteCount: Int
  ) throws(MemoryError) -> UInt64 {
    try read(address, count: byteCount).littleEndianValue
  }
}

extension Collection<UInt8> {
  /// The first 8 bytes as a little-endian number; missing bytes count as 0.
  public var littleEndianValue: UInt64 {
    var value: UInt64 = 0
    for (index, byte) in prefix(8).enumerated() { value |= UInt64(byte) << UInt64(index * 8) }
    return value
  }
}
