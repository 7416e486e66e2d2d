import Machine

/// What a read of memory by packets has in common, virtual or physical.
private struct ChunkedRead {
  static let byteLimit = 64 << 20
  /// QEMU answers no more than 0x800 bytes to one `m`.
  static let chunkLimit = 0x800
  /// Short packets have a chance on a line that damages bytes.
  static let suspectChunkLimit = 64
  /// How many requests travel together where that is safe.
  static let batchCount = 16

  let session: RemoteSession
  let address: UInt64
  let count: Int

  /// Never more than one page at a time: a page that is not there must not cost its neighbour.
  private var requests: [ReadMemory] {
    let largest = session.link.isSuspect ? Self.suspectChunkLimit : Self.chunkLimit
    let limit = max(1, min(largest, (session.features.packetSize - 4) / 2))
    var requests: [ReadMemory] = []
    requests.reserveCapacity(count / limit + 2)
    var offset = 0
    while offset < count {
      let start = address &+ UInt64(offset)
      let length = min(count - offset, limit, 0x1000 - Int(start & 0xfff))
      requests.append(ReadMemory(address: start, count: length))
      offset += length
    }
    return requests
  }

  /// All bytes; an error carries the address of the chunk that failed.
  func bytes() throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    var rest = requests[...]
    while let first = rest.first {
      if Interrupt.shared.isRequested {
        throw Failure(
          address: first.address,
          error: .target(TargetError(.interrupted, "interrupted")))
      }
      let batch = rest.prefix(Self.batchCount)
      rest = rest.dropFirst(batch.count)
      if let together = try inOneGo(batch) {
        bytes += together
      } else {
        for request in batch { bytes += try one(request) }
      }
    }
    return bytes
  }

  /// nil: not possible or something odd; then one after the other.
  private func inOneGo(_ batch: ArraySlice<ReadMemory>) throws(Failure) -> [UInt8]? {
    guard batch.count > 1, let first = batch.first else { return nil }
    let replies: [[UInt8]]?
    do throws(TargetError) {
      try session.checkStopped()
      replies = try session.link.exchangeAll(batch.map(\.payload))
    } catch {
      throw Failure(address: first.address, error: .target(error))
    }
    guard let replies else { return nil }
    var bytes: [UInt8] = []
    for (request, reply) in zip(batch, replies) {
      do throws(ReplyError) {
        bytes += try request.answer(reply)
      } catch {
        if case .malformed = error { session.link.doubt() }
        return nil
      }
    }
    return bytes
  }

  private func one(_ request: ReadMemory) throws(Failure) -> [UInt8] {
    do throws(RequestError) {
      return try session.perform(request)
    } catch { throw Failure(address: request.address, error: error) }
  }

  struct Failure: Error {
    let address: UInt64
    let error: RequestError
  }
}

extension RequestError {
  var memoryReason: MemoryError.Reason {
    switch self {
    case .reply(.unsupported): .refused("it cannot read memory")
    case .reply(.refused(let words)): .refused(words)
    case .reply(.malformed(let words)): .refused("its reply makes no sense: \(words)")
    case .target(let error):
      switch error.kind {
      case .interrupted: .interrupted
      case .connectionLost, .exited: .connectionLost(error.message)
      default: .refused(error.message)
      }
    }
  }
}

/// Virtual memory as a CPU sees it.
final class RemoteMemory: MemoryReader {
  private let session: RemoteSession
  private let cpu: Int

  init(_ session: RemoteSession, cpu: Int) {
    self.session = session
    self.cpu = cpu
  }

  func read(_ address: Address, count: Int) throws(MemoryError) -> [UInt8] {
    guard count >= 0, count <= ChunkedRead.byteLimit else { throw MemoryError(address, .tooLarge) }
    guard session.threads.indices.contains(cpu) else {
      throw MemoryError(address, .noTranslation("there is no CPU \(cpu)"))
    }
    do throws(RequestError) {
      try session.setPhysicalMode(false)
      try session.select(session.threads[cpu])
    } catch { throw MemoryError(address, error.memoryReason) }
    do throws(ChunkedRead.Failure) {
      return try ChunkedRead(session: session, address: address.rawValue, count: count).bytes()
    } catch {
      throw MemoryError(Address(error.address), error.error.memoryReason)
    }
  }
}

/// RAM and ROM by bus address, through QEMU's physical mode.
final class RemotePhysicalMemory: PhysicalMemory {
  private let session: RemoteSession
  private var knownRanges: [Range<PhysicalAddress>]?
  private var isStale = true

  init(_ session: RemoteSession) { self.session = session }

  /// From QEMU's own list of its memory: asked for at attach and after monitor commands.
  var ranges: [Range<PhysicalAddress>]? {
    if isStale, session.state == .stopped, let text = try? session.monitor("info mtree -f") {
      knownRanges = MemoryMap.ranges(parsing: text)
      isStale = false
    }
    return knownRanges
  }

  func forgetRanges() { isStale = true }

  /// QEMU answers zeros where there is no memory, so only its own ranges are read.
  func read(_ address: PhysicalAddress, count: Int) throws(MemoryError) -> [UInt8] {
    guard count >= 0, count <= ChunkedRead.byteLimit else { throw MemoryError(address, .tooLarge) }
    do throws(TargetError) {
      try session.checkStopped()
    } catch {
      throw MemoryError(address, RequestError.target(error).memoryReason)
    }
    guard let ranges, ranges.contain(address, count: count) else {
      throw MemoryError(address, .notMemory)
    }
    do throws(RequestError) {
      try session.setPhysicalMode(true)
    } catch { throw MemoryError(address, error.memoryReason) }
    do throws(ChunkedRead.Failure) {
      return try ChunkedRead(session: session, address: address.rawValue, count: count).bytes()
    } catch {
      throw MemoryError(PhysicalAddress(error.address), error.error.memoryReason)
    }
  }
}
