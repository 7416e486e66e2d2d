public import Machine

/// Virtual memory made of pieces; everything else is not mapped. Records what was read.
public final class FakeMemory: MemoryReader {
  private var bytes: [UInt64: UInt8] = [:]
  /// Every read, in order.
  public private(set) var reads: [(address: UInt64, count: Int)] = []

  public init() {}

  public func write(_ content: [UInt8], at address: UInt64) {
    for (index, byte) in content.enumerated() { bytes[address &+ UInt64(index)] = byte }
  }

  /// Little-endian, `byteCount` bytes.
  public func write(_ value: UInt64, byteCount: Int = 8, at address: UInt64) {
    write((0..<byteCount).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }, at: address)
  }

  public func read(_ address: Address, count: Int) throws(MemoryError) -> [UInt8] {
    reads.append((address.rawValue, count))
    var result: [UInt8] = []
    for index in 0..<UInt64(Swift.max(0, count)) {
      guard let byte = bytes[address.rawValue &+ index] else {
        throw MemoryError(address + index, .notMapped(level: 3))
      }
      result.append(byte)
    }
    return result
  }
}
