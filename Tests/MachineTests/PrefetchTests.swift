import Machine
import TestSupport
import Testing

@Suite struct PrefetchTests {
  private let generation = CacheGeneration()
  private let base = BurstMemory()

  /// RAM that counts how often it is asked for several ranges.
  final class BurstMemory: PhysicalMemory {
    var ranges: [Range<PhysicalAddress>]? = [PhysicalAddress(0)..<PhysicalAddress(0x10_0000)]
    var lineByteCount = 4096
    var bursts: [[UInt64]] = []
    var failing: Set<UInt64> = []

    func read(_ address: PhysicalAddress, count: Int) throws(MemoryError) -> [UInt8] {
      if failing.contains(address.rawValue & ~4095) { throw MemoryError(address, .notMemory) }
      return [UInt8](repeating: UInt8(truncatingIfNeeded: address.rawValue >> 12), count: count)
    }

    func readAll(_ ranges: [Range<PhysicalAddress>]) -> [[UInt8]?] {
      bursts.append(ranges.map(\.lowerBound.rawValue))
      return ranges.map { range in
        try? read(
          range.lowerBound, count: Int(range.upperBound.rawValue - range.lowerBound.rawValue))
      }
    }
  }

  private func show(_ name: String, _ cache: CachedPhysicalMemory, _ pages: [UInt64]) throws {
    cache.begin(view: name)
    for page in pages {
      #expect(
        try cache.read(PhysicalAddress(page * 4096 + 8), count: 4)
          == [UInt8](repeating: UInt8(page), count: 4))
    }
  }

  @Test func whatAViewNeededComesInOneBurstAtTheNextStop() throws {
    let cache = CachedPhysicalMemory(base, generation: generation)
    try show("threads", cache, [1, 5, 9])
    try show("caps", cache, [20])
    #expect(base.bursts == [[0x1000], [0x5000], [0x9000], [0x14000]])

    generation.advance()
    base.bursts = []
    // One page more than before, one less.
    try show("threads", cache, [1, 9, 10])
    #expect(base.bursts == [[0x1000, 0x5000, 0x9000], [0xa000]])
    #expect(cache.counts.prefetched == 2)

    generation.advance()
    base.bursts = []
    try show("caps", cache, [20])
    try show("threads", cache, [1, 9, 10])
    #expect(base.bursts == [[0x14000], [0x1000, 0x9000, 0xa000]])
  }

  @Test func aStopInTheMiddleOfAViewForgetsWhatWasFetched() throws {
    let cache = CachedPhysicalMemory(base, generation: generation)
    try show("step", cache, [1, 2])
    generation.advance()
    base.bursts = []
    try show("step", cache, [2, 1])
    #expect(base.bursts == [[0x2000, 0x1000]])
  }

  @Test func whatCannotBeFetchedAheadHurtsOnlyWhoAsksForIt() throws {
    let cache = CachedPhysicalMemory(base, generation: generation)
    try show("threads", cache, [1, 2, 3])
    generation.advance()
    base.failing = [0x2000]
    try show("threads", cache, [1, 3])
    #expect(throws: MemoryError(PhysicalAddress(0x2000), .notMemory)) {
      try cache.read(PhysicalAddress(0x2000), count: 1)
    }
  }

  @Test func aReadOverSeveralLinesIsOneBurst() throws {
    let cache = CachedPhysicalMemory(base, generation: generation)
    let bytes = try cache.read(PhysicalAddress(0x1ff8), count: 0x2010)
    #expect(bytes.count == 0x2010)
    #expect(base.bursts == [[0x1000, 0x2000, 0x3000, 0x4000]])
    #expect(cache.provenance(of: PhysicalAddress(0x1000)) == .cached(stop: nil))
    #expect(cache.provenance(of: PhysicalAddress(0x5000)) == .live)
  }

  @Test func linesOfAnotherSizeCoverTheSameBytes() throws {
    let cache = CachedPhysicalMemory(base, generation: generation)
    try show("threads", cache, [1])
    base.lineByteCount = 1024
    generation.advance()
    base.bursts = []
    try show("threads", cache, [1])
    #expect(base.bursts == [[0x1000, 0x1400, 0x1800, 0x1c00]])
  }
}
