/// Pages of another physical memory, kept while the target stands still.
///
/// Only RAM is read in whole pages; everywhere else (devices, unknown ranges) exactly the bytes that
/// were asked for are read, each time.
public final class CachedPhysicalMemory: PhysicalMemory {
  public static let pageByteCount = 4096
  /// Pages kept at most: 256 MiB.
  static let pageLimit = 65536

  private let base: any PhysicalMemory
  private let generation: CacheGeneration
  private var cachedGeneration: Int
  private var pages: [UInt64: [UInt8]] = [:]
  /// Reads answered from a page, and pages fetched; for `info link` and tests.
  public private(set) var hitCount = 0
  public private(set) var missCount = 0

  public init(_ base: any PhysicalMemory, generation: CacheGeneration) {
    self.base = base
    self.generation = generation
    self.cachedGeneration = generation.number
  }

  public var ranges: [Range<PhysicalAddress>]? { base.ranges }

  public func read(_ address: PhysicalAddress, count: Int) throws(MemoryError) -> [UInt8] {
    guard count > 0 else { return [] }
    var result: [UInt8] = []
    result.reserveCapacity(count)
    var next = address
    while result.count < count {
      let offset = Int(next.rawValue % UInt64(Self.pageByteCount))
      let length = min(count - result.count, Self.pageByteCount - offset)
      if let page = try page(containing: next) {
        result += page[offset..<offset + length]
      } else {
        result += try base.read(next, count: length)
      }
      next = next + UInt64(length)
    }
    return result
  }

  private func page(containing address: PhysicalAddress) throws(MemoryError) -> [UInt8]? {
    if cachedGeneration != generation.number {
      pages.removeAll(keepingCapacity: true)
      cachedGeneration = generation.number
    }
    let start = address.rawValue & ~UInt64(Self.pageByteCount - 1)
    if let page = pages[start] {
      hitCount += 1
      return page
    }
    guard isRAM(start) else { return nil }
    missCount += 1
    let page = try base.read(PhysicalAddress(start), count: Self.pageByteCount)
    if pages.count >= Self.pageLimit { pages.removeAll(keepingCapacity: true) }
    pages[start] = page
    return page
  }

  /// Whether the whole page is known to be RAM.
  private func isRAM(_ start: UInt64) -> Bool {
    let (end, overflow) = start.addingReportingOverflow(UInt64(Self.pageByteCount))
    guard !overflow else { return false }
    return ranges?.contains {
      $0.lowerBound.rawValue <= start && end <= $0.upperBound.rawValue
    } ?? false
  }
}
