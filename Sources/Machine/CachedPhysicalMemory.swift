/// Lines of another physical memory, kept while the target stands still.
///
/// Only RAM is read in whole lines; everywhere else (devices, unknown ranges) exactly the bytes that
/// were asked for are read, each time. What one read lacks is fetched together, and with it what the
/// same view has needed at the last stop.
public final class CachedPhysicalMemory: PhysicalMemory {
  /// Bytes kept at most.
  static let byteLimit = 256 << 20
  /// Longer reads pass by: nobody reads so much twice.
  static let longestCachedRead = 256 << 10

  private let base: any PhysicalMemory
  private let generation: CacheGeneration
  private var cachedGeneration: Int
  public private(set) var lineByteCount: Int
  private var lines: [UInt64: [UInt8]] = [:]
  private var traces = ViewTraces()
  public private(set) var counts = CacheCounts()

  public init(_ base: any PhysicalMemory, generation: CacheGeneration) {
    self.base = base
    self.generation = generation
    self.cachedGeneration = generation.number
    self.lineByteCount = base.lineByteCount
  }

  public var ranges: [Range<PhysicalAddress>]? { base.ranges }

  /// What follows is read for this view: what it needed at an earlier stop comes with its first miss.
  public func begin(view name: String) {
    forgetOldLines()
    traces.begin(name)
  }

  public func read(_ address: PhysicalAddress, count: Int) throws(MemoryError) -> [UInt8] {
    guard count > 0 else { return [] }
    guard count <= Self.longestCachedRead else { return try base.read(address, count: count) }
    forgetOldLines()
    if let bytes = readWithinLine(address, count: count) { return bytes }
    fetch(Self.lineStarts(of: address, count: count, lineByteCount))
    return try assemble(address, count: count)
  }

  /// The common case: all of it in one line that is there.
  private func readWithinLine(_ address: PhysicalAddress, count: Int) -> [UInt8]? {
    let start = address.rawValue & ~UInt64(lineByteCount - 1)
    let offset = Int(address.rawValue - start)
    guard count <= lineByteCount - offset, let line = lines[start] else { return nil }
    counts.hits += 1
    traces.touch(start)
    return Array(line[offset..<offset + count])
  }

  private func assemble(_ address: PhysicalAddress, count: Int) throws(MemoryError) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count)
    var next = address
    while result.count < count {
      let start = next.rawValue & ~UInt64(lineByteCount - 1)
      let offset = Int(next.rawValue - start)
      let length = min(count - result.count, lineByteCount - offset)
      if let line = lines[start] {
        traces.touch(start)
        result += line[offset..<offset + length]
      } else {
        result += try base.read(next, count: length)
      }
      next = next + UInt64(length)
    }
    return result
  }

  /// Fetches those of the lines that are missing and RAM, and what the view is known to need.
  private func fetch(_ wanted: [UInt64]) {
    let missing = wanted.filter { lines[$0] == nil && isRAM($0) }
    guard !missing.isEmpty else {
      counts.hits += 1
      return
    }
    counts.misses += missing.count
    var all = missing
    for start in traces.takeExpected(lineByteCount: lineByteCount)
    where lines[start] == nil && !missing.contains(start) && isRAM(start) {
      all.append(start)
    }
    counts.prefetched += all.count - missing.count
    let contents = base.readAll(
      all.map { PhysicalAddress($0)..<PhysicalAddress($0 &+ UInt64(lineByteCount)) })
    if lines.count >= Self.byteLimit / lineByteCount { lines.removeAll(keepingCapacity: true) }
    for (start, bytes) in zip(all, contents) where bytes?.count == lineByteCount {
      lines[start] = bytes
    }
  }

  private static func lineStarts(
    of address: PhysicalAddress, count: Int, _ lineByteCount: Int
  ) -> [UInt64] {
    let first = address.rawValue & ~UInt64(lineByteCount - 1)
    let offset = Int(address.rawValue - first)
    return (0...(offset + count - 1) / lineByteCount).map { first &+ UInt64($0 * lineByteCount) }
  }

  private func forgetOldLines() {
    guard cachedGeneration != generation.number else { return }
    cachedGeneration = generation.number
    traces.endGeneration(lineByteCount: lineByteCount)
    lines.removeAll(keepingCapacity: true)
    lineByteCount = base.lineByteCount
  }

  /// Whether the whole line is known to be RAM.
  private func isRAM(_ start: UInt64) -> Bool {
    let (end, overflow) = start.addingReportingOverflow(UInt64(lineByteCount))
    guard !overflow else { return false }
    return ranges?.contains {
      $0.lowerBound.rawValue <= start && end <= $0.upperBound.rawValue
    } ?? false
  }

  /// Some of the lines that are kept, spread over all of them; nothing is read.
  public func samples(_ limit: Int) -> [(address: PhysicalAddress, bytes: [UInt8])] {
    guard cachedGeneration == generation.number, limit > 0 else { return [] }
    let starts = lines.keys.sorted()
    let step = max(1, starts.count / limit)
    return stride(from: 0, to: starts.count, by: step).prefix(limit).compactMap { index in
      lines[starts[index]].map { (PhysicalAddress(starts[index]), $0) }
    }
  }

  /// Whether the byte would be answered from a line that is kept.
  public func provenance(of address: PhysicalAddress) -> Provenance {
    guard cachedGeneration == generation.number,
      lines[address.rawValue & ~UInt64(lineByteCount - 1)] != nil
    else { return base.provenance(of: address) }
    return .cached(stop: nil)
  }
}

/// What a cache has saved.
public struct CacheCounts: Sendable, Equatable {
  /// Reads that were answered without asking.
  public var hits = 0
  /// Lines that had to be fetched.
  public var misses = 0
  /// Lines fetched with others, because the same view needed them before.
  public var prefetched = 0

  public init() {}
}
