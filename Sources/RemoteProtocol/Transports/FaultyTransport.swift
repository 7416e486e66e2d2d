import Binary

/// A line that flips, loses, repeats, delays and cuts what another one carries, by a plan and a seed.
final class FaultyTransport: Transport {
  private let base: any Transport
  private let plan: FaultPlan
  private var toStub: FaultyLine
  private var fromStub: FaultyLine
  /// What has come from the stub and when it may be read; in order.
  private var waiting: [(due: ContinuousClock.Instant, bytes: [UInt8])] = []
  private var inputFreeAt = ContinuousClock.now
  private var outputFreeAt = ContinuousClock.now
  private var deliveredCount = 0
  private var hasEnded = false

  init(_ base: any Transport, _ plan: FaultPlan) {
    self.base = base
    self.plan = plan
    toStub = FaultyLine(plan, stream: 0)
    fromStub = FaultyLine(plan, stream: 1)
  }

  var isReliable: Bool { base.isReliable }
  var secondsPerByte: Double { base.secondsPerByte }
  var faultCount: Int { toStub.faultCount + fromStub.faultCount }

  // MARK: From the stub

  func read(
    into buffer: inout [UInt8], deadline: ContinuousClock.Instant?, isInterruptible: Bool
  ) throws(SystemError) -> SocketStream.ReadOutcome {
    while true {
      guard deliveredCount < plan.cutAfter else { return .ended }
      if deliver(to: &buffer) { return .bytes }
      if hasEnded, waiting.isEmpty { return .ended }
      var limit = deadline
      if let due = waiting.first?.due { limit = min(limit ?? due, due) }
      if hasEnded {
        Self.sleep(until: limit)
      } else {
        var input: [UInt8] = []
        switch try base.read(into: &input, deadline: limit, isInterruptible: isInterruptible) {
        case .bytes: accept(input)
        case .woken: return .woken
        case .ended: hasEnded = true
        case .timedOut: break
        }
      }
      if let deadline, ContinuousClock.now >= deadline {
        return deliver(to: &buffer) ? .bytes : .timedOut
      }
    }
  }

  private func accept(_ input: [UInt8]) {
    let outputs =
      plan.direction == .toStub ? [FaultyLine.Output(bytes: input)] : fromStub.carry(input)
    for output in outputs {
      var due = max(inputFreeAt, .now)
      if output.isLate { due += plan.delay }
      let step = min(plan.splitLimit, plan.baud > 0 ? 16 : .max)
      for start in stride(from: 0, to: output.bytes.count, by: step) {
        let part = Array(output.bytes[start..<min(output.bytes.count, start + step)])
        due += duration(of: part.count)
        waiting.append((due, part))
      }
      inputFreeAt = due
    }
  }

  private func deliver(to buffer: inout [UInt8]) -> Bool {
    let now = ContinuousClock.now
    var isDelivered = false
    while let first = waiting.first, first.due <= now {
      let room = plan.cutAfter - deliveredCount
      buffer += first.bytes.prefix(room)
      deliveredCount += min(room, first.bytes.count)
      waiting.removeFirst()
      isDelivered = isDelivered || !first.bytes.isEmpty
      if plan.splitLimit < .max, isDelivered { return true }
    }
    return isDelivered
  }

  // MARK: To the stub

  func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(SystemError) {
    guard deliveredCount < plan.cutAfter else {
      throw SystemError("write to", "the connection", code: EndOfLine.code)
    }
    let outputs =
      plan.direction == .fromStub ? [FaultyLine.Output(bytes: bytes)] : toStub.carry(bytes)
    for output in outputs where !output.bytes.isEmpty {
      outputFreeAt = max(outputFreeAt, .now) + duration(of: output.bytes.count)
      if output.isLate { outputFreeAt += plan.delay }
      Self.sleep(until: outputFreeAt)
      try base.write(output.bytes, deadline: deadline)
    }
  }

  /// EPIPE.
  private enum EndOfLine { static let code: Int32 = 32 }

  func sendBreak(deadline: ContinuousClock.Instant) throws(SystemError) {
    try base.sendBreak(deadline: deadline)
  }

  func close() { base.close() }

  // MARK: Time

  private func duration(of byteCount: Int) -> Duration {
    plan.baud > 0 ? .seconds(Double(byteCount) * 10 / Double(plan.baud)) : .zero
  }

  private static func sleep(until end: ContinuousClock.Instant?) {
    guard let end else { return }
    while ContinuousClock.now < end {
      let left = end - .now
      if left > .milliseconds(2) { Pause.milliseconds(1) }
    }
  }
}
