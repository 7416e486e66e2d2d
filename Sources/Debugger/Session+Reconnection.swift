public import Machine

/// What was found when a target was connected to again.
public struct Reconnection: Sendable, Equatable {
  public enum Comparison: Sendable, Equatable {
    /// Registers and memory that were known before are the same: it has not run.
    case unchanged
    /// The code is the same; this differs.
    case hasRun(String)
    /// Nothing proves that it is the same target.
    case unproved(String)
  }

  public let comparison: Comparison
  /// Samples of memory that were compared.
  public let sampleCount: Int
  /// Numbers of the breakpoints that are in the target again.
  public let restored: [Int]
  /// Those that are not, and why.
  public let dropped: [Dropped]

  public struct Dropped: Sendable, Equatable {
    public let number: Int
    public let reason: String
  }
}

/// What is remembered of a target to know it again.
private struct TargetMemories {
  let summary: String
  let architecture: Architecture
  let counters: [Int: UInt64]
  let samples: [(address: PhysicalAddress, bytes: [UInt8])]

  init(_ session: Session, sampleCount: Int) {
    summary = session.target.summary
    architecture = session.architecture
    var counters: [Int: UInt64] = [:]
    for (cpu, registers) in session.target.lastKnownRegisters {
      counters[cpu] = registers[session.architecture.programCounter]
    }
    self.counters = counters
    samples = session.physicalMemory?.samples(sampleCount) ?? []
  }
}

extension Session {
  /// Lines of memory that are compared.
  private static let sampleCount = 32

  /// Goes on with a new connection to the target: `open` makes it when the old one is closed.
  ///
  /// The new target must run the code of the images; breakpoints return only when that, or registers
  /// and memory, prove that it is the same one. Throws when it is another one: the session then
  /// stands on the new target, without breakpoints.
  public func reconnect(
    _ open: () throws(SessionError) -> any Target
  ) throws(SessionError) -> Reconnection {
    let memories = TargetMemories(self, sampleCount: Self.sampleCount)
    let wished = breakpoints
    target.close()
    replaceTarget(with: try open())
    breakpoints = []
    try check(memories)
    let comparison = try compare(memories)
    var restored: [Breakpoint] = []
    var dropped: [Reconnection.Dropped] = []
    for breakpoint in wished {
      do throws(SessionError) {
        if case .unproved(let why) = comparison { throw SessionError(why) }
        breakpoints.append(try inserted(breakpoint))
        restored.append(breakpoint)
      } catch {
        dropped.append(.init(number: breakpoint.number, reason: error.message))
      }
    }
    return Reconnection(
      comparison: comparison, sampleCount: memories.samples.count,
      restored: restored.map(\.number), dropped: dropped)
  }

  private func inserted(_ breakpoint: Breakpoint) throws(SessionError) -> Breakpoint {
    guard let control = target.breakpoints else { throw SessionError("it has no breakpoints") }
    do throws(TargetError) { try control.insert(breakpoint.kind, at: breakpoint.address) } catch {
      throw SessionError(error)
    }
    return breakpoint
  }

  /// Throws when the new target certainly is another one.
  private func check(_ memories: TargetMemories) throws(SessionError) {
    guard target.architecture == memories.architecture else {
      throw SessionError(
        "the target is another one: \(target.architecture.name) instead of"
          + " \(memories.architecture.name)", hint: "start kscope again with its images")
    }
    for loaded in images {
      guard case .differs(let address) = proof(of: loaded) else { continue }
      throw SessionError(
        "the target is another one: its code at \(address) is not that of \(loaded.image.path)",
        hint: "start kscope again with its images; the breakpoints are not in it")
    }
  }

  private func compare(
    _ memories: TargetMemories
  ) throws(SessionError) -> Reconnection.Comparison {
    if let difference = try difference(memories) {
      let isProved = images.contains { proof(of: $0) == .matches }
      return isProved ? .hasRun(difference) : .unproved("no image proves its code; \(difference)")
    }
    if memories.samples.isEmpty, memories.counters.isEmpty {
      let isProved = images.contains { proof(of: $0) == .matches }
      let words = "nothing of it was known before"
      return isProved ? .hasRun(words) : .unproved(words)
    }
    return .unchanged
  }

  /// The first thing that is not as it was, in words.
  private func difference(_ memories: TargetMemories) throws(SessionError) -> String? {
    do throws(TargetError) {
      for (cpu, counter) in memories.counters.sorted(by: { $0.key < $1.key }) {
        let now = try target.registers(of: cpu)[architecture.programCounter] ?? 0
        if now != counter { return "CPU \(cpu) is at \(Address(now)), not \(Address(counter))" }
      }
    } catch {
      throw SessionError(error)
    }
    for sample in memories.samples {
      let now = try? physicalMemory?.read(sample.address, count: sample.bytes.count)
      if now != sample.bytes { return "memory at \(sample.address) has changed" }
    }
    return nil
  }

  private func replaceTarget(with new: any Target) {
    earlierStopCount = stopCount
    target = new
    physicalMemory = new.physicalMemory.map { CachedPhysicalMemory($0, generation: generation) }
    spaceMemories = [:]
    lastStop = nil
    walkedCPU = nil
    targetChanged()
  }
}
