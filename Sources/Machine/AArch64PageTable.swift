/// Stage 1 translation tables with a 4 KiB granule (Arm ARM, D8.2 and D8.3, "VMSAv8-64").
public struct AArch64PageTable: Sendable, Equatable {
  /// The table that the walk starts in.
  public let root: PhysicalAddress
  /// Bits of a virtual address that are translated: 64 - TxSZ; 25...48.
  public let addressBits: Int

  public init(root: PhysicalAddress, addressBits: Int) {
    // Bits 47:12 of TTBRx_EL1 hold the table's address; ASID and CnP stand around it.
    self.root = PhysicalAddress(root.rawValue & 0x0000_ffff_ffff_f000)
    self.addressBits = addressBits
  }

  /// Where a page or block lies and what the table allows.
  public struct Mapping: Sendable, Equatable {
    public let physicalAddress: PhysicalAddress
    /// Size of the page or block that holds the address.
    public let byteCount: UInt64
    /// The descriptor itself, with its attributes.
    public let descriptor: UInt64
  }

  /// Walks the tables. The walk has at most four steps whatever the tables say.
  public func translate(
    _ address: Address, reading memory: any PhysicalMemory
  ) throws(MemoryError) -> Mapping {
    guard isCovered(address) else { throw MemoryError(address, .nonCanonical) }
    var table = root
    // A level resolves 9 bits; the first one may resolve fewer.
    var level = 4 - (addressBits - 12 + 8) / 9
    while true {
      let shift = UInt64(39 - 9 * level)
      let isFirst = level == 4 - (addressBits - 12 + 8) / 9
      let indexBits = isFirst ? UInt64(addressBits) - shift : 9
      let index = (address.rawValue >> shift) & ((1 << indexBits) - 1)
      let descriptor = try memory.readUnsigned(table + index * 8, byteCount: 8)
      let next = descriptor & 0x0000_ffff_ffff_f000
      switch (level, descriptor & 3) {
      case (0...2, 3):
        table = PhysicalAddress(next)
        level += 1
      case (1...2, 1), (3, 3):
        let byteCount = UInt64(1) << shift
        let offset = address.rawValue & (byteCount - 1)
        return Mapping(
          physicalAddress: PhysicalAddress((next & ~(byteCount - 1)) | offset),
          byteCount: byteCount, descriptor: descriptor)
      default:
        throw MemoryError(address, .notMapped(level: level))
      }
    }
  }

  /// Whether the bits above the translated ones are all equal to bit 55 (top byte ignored).
  private func isCovered(_ address: Address) -> Bool {
    let bits = UInt64(addressBits)
    let upper = address.rawValue >> bits & ((1 << (56 - bits)) - 1)
    return upper == 0 || upper == (1 << (56 - bits)) - 1
  }
}

extension Address {
  /// Whether the address belongs to the upper half (TTBR1): bit 55 decides (Arm ARM, D8.2.3).
  public var isInUpperHalf: Bool { rawValue >> 55 & 1 == 1 }
}
