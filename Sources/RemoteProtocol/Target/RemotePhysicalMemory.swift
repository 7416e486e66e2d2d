import Machine

/// RAM and ROM by bus address: through QEMU's physical mode, or out of QEMU's own memory.
final class RemotePhysicalMemory: PhysicalMemory {
  private let session: RemoteSession
  private var knownRanges: [Range<PhysicalAddress>]?
  private var piecesOfRAM: [Range<PhysicalAddress>] = []
  private var isStale = true
  /// Whether QEMU's own memory may be read at all.
  private let allowsDirect: Bool
  private var direct: Result<DirectMemory, DirectMemory.Unavailable>?
  private(set) var directByteCount = 0

  init(_ session: RemoteSession, allowsDirect: Bool) {
    self.session = session
    self.allowsDirect = allowsDirect
  }

  /// From QEMU's own list of its memory: asked for with the first read and after monitor commands.
  var ranges: [Range<PhysicalAddress>]? {
    if isStale, session.state == .stopped, let text = try? session.query("info mtree -f") {
      knownRanges = MemoryMap.ranges(parsing: text)
      piecesOfRAM = MemoryMap.pieces(ofRAM: text)
      direct = nil
      isStale = false
    }
    return knownRanges
  }

  func forgetRanges() { isStale = true }

  /// How memory is read without packets, or why it is not.
  var directState: String {
    guard allowsDirect else { return "switched off" }
    switch direct {
    case .success(let memory)?:
      let count = memory.blocks.reduce(0) { $0 + $1.range.byteCount }
      return "yes, \(count >> 20) MiB of RAM"
    case .failure(let error)?: return "no: \(error.reason)"
    case nil: return "not tried yet"
    }
  }

  /// Whether RAM is read without packets.
  var isDirect: Bool {
    if case .success? = direct { return true }
    return false
  }

  /// QEMU answers zeros where there is no memory, so only its own ranges are read.
  func read(_ address: PhysicalAddress, count: Int) throws(MemoryError) -> [UInt8] {
    guard count >= 0, count <= ChunkedRead.byteLimit else { throw MemoryError(address, .tooLarge) }
    try check(address, count: count)
    if let bytes = directly(address, count) { return bytes }
    return try packets(address, count)
  }

  func readAll(_ ranges: [Range<PhysicalAddress>]) -> [[UInt8]?] {
    let wanted = ranges.map { (address: $0.lowerBound, count: Int(clamping: $0.byteCount)) }
    let isReadable = wanted.allSatisfy { (try? check($0.address, count: $0.count)) != nil }
    guard isReadable, wanted.reduce(0, { $0 + $1.count }) <= ChunkedRead.byteLimit else {
      return wanted.map { try? read($0.address, count: $0.count) }
    }
    let found = wanted.map { directly($0.address, $0.count) }
    let missing = found.indices.filter { found[$0] == nil }
    guard !missing.isEmpty, (try? session.setPhysicalMode(true)) != nil else { return found }
    var result = found
    let reader = ChunkedRead(session: session)
    let parts = missing.map { (address: wanted[$0].address.rawValue, count: wanted[$0].count) }
    for (index, bytes) in zip(missing, reader.parts(parts)) { result[index] = bytes }
    return result
  }

  var lineByteCount: Int {
    isDirect ? 4096 : session.link.model.fetchByteCount()
  }

  func provenance(of address: PhysicalAddress) -> Provenance {
    guard case .success(let memory)? = direct else { return .live }
    return memory.blocks.contains { $0.range.contains(address) } ? .direct : .live
  }

  private func check(_ address: PhysicalAddress, count: Int) throws(MemoryError) {
    do throws(TargetError) {
      try session.checkStopped()
    } catch {
      throw MemoryError(address, RequestError.target(error).memoryReason)
    }
    guard let ranges, ranges.contain(address, count: count) else {
      throw MemoryError(address, .notMemory)
    }
  }

  /// nil: not this way.
  private func directly(_ address: PhysicalAddress, _ count: Int) -> [UInt8]? {
    guard allowsDirect else { return nil }
    if direct == nil { direct = findDirectMemory() }
    guard case .success(let memory)? = direct, let bytes = memory.read(address, count: count) else {
      return nil
    }
    directByteCount += count
    return bytes
  }

  private func findDirectMemory() -> Result<DirectMemory, DirectMemory.Unavailable> {
    do throws(DirectMemory.Unavailable) {
      let memory = try DirectMemory(session, ranges: piecesOfRAM)
      try memory.verify { (address, count) throws(MemoryError) in try packets(address, count) }
      return .success(memory)
    } catch {
      return .failure(error)
    }
  }

  private func packets(_ address: PhysicalAddress, _ count: Int) throws(MemoryError) -> [UInt8] {
    do throws(RequestError) {
      try session.setPhysicalMode(true)
    } catch { throw MemoryError(address, error.memoryReason) }
    do throws(ChunkedRead.Failure) {
      return try ChunkedRead(session: session).bytes(at: address.rawValue, count: count)
    } catch {
      throw MemoryError(PhysicalAddress(error.address), error.error.memoryReason)
    }
  }
}
