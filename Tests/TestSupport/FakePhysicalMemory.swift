public import Machine

/// Physical memory made of pieces; records what was read.
public final class FakePhysicalMemory: PhysicalMemory {
  public var ranges: [Range<PhysicalAddress>]?
  private var bytes: [UInt64: UInt8] = [:]
  /// Every read, in order.
  public private(set) var reads: [(address: UInt64, count: Int)] = []

  public init(ranges: [Range<PhysicalAddress>]? = nil) { self.ranges = ranges }

  public func write(_ content: [UInt8], at address: UInt64) {
    for (index, byte) in content.enumerated() { bytes[address &+ UInt64(index)] = byte }
  }

  /// Little-endian, 8 bytes.
  public func write(_ value: UInt64, at address: UInt64) {
    write((0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }, at: address)
  }

  public func read(_ address: PhysicalAddress, count: Int) throws(MemoryError) -> [UInt8] {
    reads.append((address.rawValue, count))
    if let ranges, !ranges.contains(where: { $0.contains(address) }) {
      throw MemoryError(address, .notMemory)
    }
    return (0..<count).map { bytes[address.rawValue &+ UInt64($0)] ?? 0 }
  }
}
