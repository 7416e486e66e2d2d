import Machine

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
      return try ChunkedRead(session: session).bytes(at: address.rawValue, count: count)
    } catch {
      throw MemoryError(Address(error.address), error.error.memoryReason)
    }
  }
}
