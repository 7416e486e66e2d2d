public import Machine

extension RemoteTarget: Execution {
  public var isRunning: Bool {
    switch session.state {
    case .running, .interrupting: true
    case .stopped, .exited, .closed: false
    }
  }

  public var stopCount: Int { session.stopCount }
  public var wasRunningAtAttach: Bool { session.wasRunningAtAttach }

  public func resume(_ how: Resumption) throws(TargetError) {
    var thread: ThreadID?
    if case .step(let cpu) = how {
      do throws(RequestError) { thread = try self.thread(of: cpu) } catch {
        throw error.targetError("step")
      }
    }
    stepOrigin = nil
    if case .step(let cpu) = how, let counter = knownCounter(of: cpu) {
      stepOrigin = StepOrigin(cpu: cpu, counter: counter)
    }
    try session.resume(how, thread: thread)
  }

  public func waitForStop(seconds: Double?) throws(TargetError) -> StopReason? {
    let stop: StopReply?
    do throws(TargetError) {
      stop = try session.waitForStop(timeout: seconds.map { .seconds($0) })
    } catch {
      guard let stepOrigin, session.state == .stopped else { throw error }
      return try provenStep(from: stepOrigin, doubt: error)
    }
    guard let stop else { return nil }
    if let stepOrigin, session.link.isSuspect {
      return try verified(StopReason(stop.kind, cpu: try cpu(of: stop)), from: stepOrigin)
    }
    return StopReason(stop.kind, cpu: try cpu(of: stop))
  }

  public func interrupt() throws(TargetError) { try session.interrupt() }

  /// The CPU of a stop. A thread never seen before makes the list stale; without one, CPU 0.
  private func cpu(of stop: StopReply) throws(TargetError) -> Int {
    guard let thread = stop.thread else { return 0 }
    if let cpu = session.threads.firstIndex(where: thread.means) { return cpu }
    if session.state == .stopped { try session.listThreads() }
    return session.threads.firstIndex(where: thread.means) ?? 0
  }

  public func writeRegister(_ name: String, value: UInt64, of cpu: Int) throws(TargetError) {
    let what = "write \(name) of CPU \(cpu)"
    guard architecture.registers.contains(where: { $0.name == name }),
      let entry = description.entry(named: name)
    else { throw TargetError(.unsupported, "cannot \(what): no general register") }
    let little = (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }
    let bytes = Array(little.prefix(entry.register.byteCount))
    // Forgotten first: a write that fails may still have been done.
    cache.general[cpu] = nil
    let ordered = architecture.endianness == .little ? bytes : bytes.reversed()
    do throws(RequestError) {
      try session.select(try thread(of: cpu))
      do throws(RequestError) {
        try session.perform(WriteRegister(number: entry.number, bytes: ordered))
      } catch .reply(.unsupported) {
        try writeAll(with: ordered, at: offset(of: entry), of: cpu)
      }
    } catch { throw error.targetError(what) }
    let mask: UInt64 =
      entry.register.byteCount < 8 ? 1 << UInt64(entry.register.byteCount * 8) &- 1 : .max
    guard try registers(of: cpu)[name] == value & mask else {
      throw TargetError(.refused, "the stub did not \(what), though it said so")
    }
  }

  /// For a stub that takes registers only all together.
  private func writeAll(
    with bytes: [UInt8], at offset: Int, of cpu: Int
  ) throws(RequestError) {
    var all = try session.perform(ReadRegisters(maximumByteCount: description.byteCount))
    guard offset + bytes.count <= all.count else { throw .reply(.unsupported) }
    for (index, byte) in bytes.enumerated() { all[offset + index] = byte }
    try session.perform(WriteRegisters(bytes: all))
  }
}

extension RemoteTarget {
  /// Writes virtual memory as CPU 0 sees it, in parts that the stub takes.
  public func writeMemory(_ bytes: [UInt8], at address: Address) throws(TargetError) {
    let limit = max(1, min(0x400, (session.features.packetSize - 32) / 2))
    var offset = 0
    do throws(RequestError) {
      try session.setPhysicalMode(false)
      try session.select(try thread(of: 0))
      while offset < bytes.count {
        let part = Array(bytes[offset...].prefix(limit))
        try session.perform(WriteMemory(address: (address + UInt64(offset)).rawValue, bytes: part))
        offset += part.count
      }
    } catch {
      throw error.targetError("write memory at \(address + UInt64(offset)) (\(offset) bytes done)")
    }
  }
}

extension ThreadID {
  /// Whether the two name the same thread; a stub may leave its only process out.
  func means(_ other: ThreadID) -> Bool {
    thread == other.thread && (process == nil || other.process == nil || process == other.process)
  }
}
