import Binary
import Machine

/// Exchanges packets with a stub over a connection that may damage, lose and repeat them.
///
/// The protocol has no sequence numbers: a late or repeated reply looks like the answer to the next
/// request. So after anything odd the link is *in doubt*, and before the next request it resyncs:
/// it drains the connection until it is quiet and asks a question whose answer cannot be mistaken.
final class RemoteLink {
  /// What a wait ended with.
  enum Incoming: Equatable {
    case packet([UInt8])
    case acknowledged
    case rejected
    case damaged
    case malformed(String)
    case timedOut
    case woken
  }

  /// A question and how to know its answer.
  struct Canary {
    let request: [UInt8]
    let isAnswer: ([UInt8]) -> Bool
    /// Whether no other question has this answer: then what comes before it belongs to the past.
    var isUnmistakable = false
  }

  /// Times and counts that bound every exchange.
  struct Limits {
    /// For so long nothing may come while an answer is due; more on a slow line.
    var replyTimeout: Duration = .seconds(5)
    /// The same on a line that has lost something: there, silence is a lost packet.
    var suspectTimeout: Duration = .milliseconds(250)
    /// A packet that comes more slowly never ends.
    var slowestBytesPerSecond = 20.0
    var quietTime: Duration = .milliseconds(40)
    var resendCount = 3
    var damageCount = 5
    var resyncCount = 5
    /// How many packets must come in order before a line that was bad is trusted again.
    var probation = 2000
    /// Before this time a pending interrupt does not cut an exchange short.
    var interruptGrace: Duration = .milliseconds(300)
    /// Noise without a packet for so long means that there is no stub.
    var noiseTimeout: Duration = .seconds(2)
  }

  var limits = Limits()
  /// Whether packets are acknowledged (until `QStartNoAckMode`).
  var acknowledges = true
  /// How many requests may be under way at once: 1 unless that is known to be safe. QEMU lets an
  /// acknowledgement travel with the next request as well, and answers many sent in one go.
  var pipelineDepth = 1
  var mayPipeline: Bool { pipelineDepth > 1 }
  /// Whether a pending `Interrupt` is left alone: clearing up must not be cut short.
  var ignoresInterrupt = false
  /// Makes the question of a resync; a fresh one each time.
  var canary: (_ attempt: Int) -> Canary = { _ in
    Canary(request: Array("vMustReplyEmpty".utf8), isAnswer: \.isEmpty)
  }
  /// Sees every payload.
  var log: ((PacketDirection, [UInt8]) -> Void)?

  /// Whether the next reply may belong to an earlier request.
  var isInDoubt = false
  /// Grows with each resync: what the stub was told before may have been lost.
  var resyncCount = 0
  private(set) var packetCount = 0
  private(set) var damagedCount = 0
  /// Stops that came where none was awaited: a resume was carried out twice, or its stop repeated.
  var surplusStopCount = 0
  var quality = LineQuality()
  /// What has gone over the line, and how fast.
  private(set) var traffic = LinkTraffic()
  var model = LinkModel()
  /// What the stub or guest printed (`O` packets outside of a monitor command); the last 64 KiB.
  private(set) var console: [UInt8] = []
  /// Why the connection is gone.
  private(set) var lost: TargetError?

  let peer: String
  let transport: any Transport
  var decoder = PacketDecoder()
  private var input: [UInt8] = []
  private var owesAcknowledgement = false
  /// What has come so far, until the first packet.
  private(set) var opening: [UInt8]? = []

  init(_ transport: any Transport, peer: String) {
    self.transport = transport
    self.peer = peer
  }

  func close() {
    if lost == nil { lost = TargetError(.connectionLost, "the connection to \(peer) is closed") }
    transport.close()
  }

  /// The stub's process, when it is on this machine and can be found.
  var peerProcess: Int32? { transport.peerProcess }

  func doubt() { isInDoubt = true }

  /// Whether bytes arrive as they were sent, or not at all.
  var isReliable: Bool { transport.isReliable }

  /// Whether the line has lately damaged, lost or repeated something: what it says is then asked
  /// twice, and each question comes after a proof that nothing old is under way.
  var isSuspect: Bool { quality.isSuspect(packetCount, probation: limits.probation) }

  /// Packets that have come, whole or damaged.
  var arrivalCount: Int { packetCount + damagedCount }

  /// Bytes that were no packet, and packets that have begun and not ended.
  var fragmentCount: Int {
    decoder.noiseByteCount + damagedCount + (decoder.isInsidePacket ? 1 : 0)
  }

  /// Tells a stub that has spoken before it was asked that it was heard.
  func acknowledgeOpening() throws(TargetError) { try write(PacketEncoder.acknowledgement) }

  func noteTrouble() {
    isInDoubt = true
    quality.noteTrouble(packetCount)
  }

  // MARK: Requests

  /// Sends `request` and returns the reply. Only an idempotent request is ever sent again.
  ///
  /// `isAside` takes packets that are no replies (console output is always taken).
  func exchange(
    _ request: [UInt8], isIdempotent: Bool, timeout: Duration? = nil,
    isAside: ([UInt8]) -> Bool = { _ in false }
  ) throws(TargetError) -> [UInt8] {
    try settle()
    let timing = Timing(self)
    try send(request)
    var resends = 0
    var damages = 0
    var wait = replyWait(timeout, to: request)
    while true {
      switch try receive(&wait) {
      case .packet(let payload):
        if isAside(payload) || takeAside(payload) {
          damages = 0
          continue
        }
        if resends == 0, damages == 0 { timing.end(self) }
        return payload
      case .acknowledged: continue
      case .woken:
        isInDoubt = true
        throw TargetError(.interrupted, "interrupted while waiting for \(peer)")
      case .damaged:
        noteTrouble()
        damages += 1
        guard damages < limits.damageCount else { throw unusable(request) }
        if acknowledges { continue }
        fallthrough
      case .rejected, .timedOut, .malformed:
        noteTrouble()
        guard isIdempotent else { throw unanswered(request, maybeDone: true) }
        resends += 1
        guard resends <= limits.resendCount else { throw unanswered(request, maybeDone: false) }
        try resync()
        traffic.resends += 1
        try send(request)
        wait = replyWait(timeout, to: request)
      }
    }
  }

  /// Sends `count` idempotent requests, several at a time without waiting, and gives the replies to
  /// `take` in their order. Returns how many were taken: fewer than `count` when something odd came
  /// (the link is in doubt then), when `take` said no, or when the stub is not known to stand it.
  func pipeline(
    _ count: Int, request: (Int) -> [UInt8], take: (Int, [UInt8]) -> Bool
  ) throws(TargetError) -> Int {
    guard pipelineDepth > 1, !isSuspect else { return 0 }
    try settle()
    let timing = Timing(self)
    var sent = 0
    var taken = 0
    var wait = Wait(limits.replyTimeout, grace: limits.interruptGrace)
    while taken < count {
      if sent < count, sent - taken <= pipelineDepth / 2 {
        let end = min(count, taken + pipelineDepth)
        try send((sent..<end).map(request))
        if sent > 0 { traffic.waits += 1 }
        sent = end
      }
      switch try receive(&wait) {
      case .packet(let payload):
        if takeAside(payload) { continue }
        guard take(taken, payload) else {
          isInDoubt = true
          return taken
        }
        taken += 1
        wait.deadline = .now + limits.replyTimeout
      case .acknowledged: continue
      case .woken:
        isInDoubt = true
        throw TargetError(.interrupted, "interrupted while waiting for \(peer)")
      case .rejected, .damaged, .malformed, .timedOut:
        noteTrouble()
        return taken
      }
    }
    timing.end(self)
    return taken
  }

  private func send(_ requests: [[UInt8]]) throws(TargetError) {
    traffic.sentPackets += requests.count
    if let log { for request in requests { log(.sent, request) } }
    try write(requests.flatMap(PacketEncoder.encode))
  }

  /// One exchange on the clock.
  private struct Timing {
    private let start = ContinuousClock.now
    private let byteCount: Int

    init(_ link: RemoteLink) { byteCount = link.traffic.byteCount }

    func end(_ link: RemoteLink) {
      link.traffic.waits += 1
      link.model.record(
        byteCount: link.traffic.byteCount - byteCount,
        seconds: (ContinuousClock.now - start) / .seconds(1))
    }
  }

  /// Sends a packet whose answer comes later (a resume).
  func send(_ payload: [UInt8]) throws(TargetError) {
    log?(.sent, payload)
    traffic.sentPackets += 1
    try write(PacketEncoder.encode(payload))
  }

  /// Sends the byte that stops a running target.
  func sendBreak() throws(TargetError) {
    log?(.sent, PacketEncoder.breakIn)
    try write([])
    if let lost { throw lost }
    do throws(SystemError) {
      try transport.sendBreak(deadline: .now + limits.replyTimeout)
    } catch {
      throw lose(error)
    }
  }

  // MARK: Waiting

  /// A deadline, and the time before which interrupts are left alone.
  struct Wait {
    var deadline: ContinuousClock.Instant?
    var graceEnd: ContinuousClock.Instant
    /// While bytes come the deadline moves on.
    private var idle: Duration?
    private var slowestEnd: ContinuousClock.Instant
    private var secondsPerByte = 0.0

    init(_ timeout: Duration?, grace: Duration) {
      let now = ContinuousClock.now
      deadline = timeout.map { now + $0 }
      graceEnd = now + grace
      slowestEnd = now
    }

    /// At most `idle` without a byte, and on the whole no fewer than so many bytes a second.
    init(idle: Duration, slowest bytesPerSecond: Double, grace: Duration) {
      self.init(idle, grace: grace)
      self.idle = idle
      slowestEnd += idle
      secondsPerByte = 1 / bytesPerSecond
    }

    mutating func advance(by byteCount: Int) {
      guard let idle else { return }
      slowestEnd += .seconds(Double(byteCount) * secondsPerByte)
      deadline = min(.now + idle, slowestEnd)
    }
  }

  /// How long an answer to `request` may take.
  func replyWait(_ timeout: Duration?, to request: [UInt8]) -> Wait {
    var idle = timeout ?? limits.replyTimeout
    if timeout == nil, isSuspect { idle = quality.patience(&model, packetCount, limits) }
    // The request itself takes its time on a slow line; before there is a measure, 300 baud are
    // possible.
    let known = transport.secondsPerByte
    let guess = packetCount < 8 && known == 0 ? 1.0 / 30 : known
    idle += .seconds(guess * Double(request.count + 4) * 2)
    return Wait(
      idle: idle, slowest: limits.slowestBytesPerSecond, grace: limits.interruptGrace)
  }

  /// The next thing from the stub. Packets are acknowledged here.
  func receive(_ wait: inout Wait) throws(TargetError) -> Incoming {
    var isLate = false
    while true {
      while let event = decoder.next() {
        if let incoming = try take(event) { return incoming }
      }
      // What came while kscope itself was held up counts as in time: one more look when it is late.
      if isLate { return .timedOut }
      if owesAcknowledgement { try write([]) }
      let now = ContinuousClock.now
      if let deadline = wait.deadline, now >= deadline { isLate = true }
      let isInterruptible = !ignoresInterrupt && now >= wait.graceEnd
      var limit = wait.deadline
      if !isInterruptible, !ignoresInterrupt { limit = min(limit ?? wait.graceEnd, wait.graceEnd) }
      if let end = try openingDeadline() { limit = min(limit ?? end, end) }
      switch try read(deadline: limit, isInterruptible: isInterruptible) {
      case .woken: return .woken
      case .bytes:
        wait.advance(by: input.count)
        isLate = false
      case .timedOut, .ended: break
      }
    }
  }

  func take(_ event: PacketDecoder.Event) throws(TargetError) -> Incoming? {
    switch event {
    case .acknowledged: return .acknowledged
    case .rejected:
      // Before the first packet it may be a `-` of another service's greeting.
      return opening == nil || decoder.noiseByteCount == 0 ? .rejected : nil
    case .notification: return nil
    case .packet(let payload):
      opening = nil
      packetCount += 1
      quality.noteGood()
      log?(.received, payload)
      owesAcknowledgement = acknowledges
      if acknowledges, !mayPipeline { try write([]) }
      return .packet(payload)
    case .malformed(let words):
      packetCount += 1
      owesAcknowledgement = acknowledges
      return .malformed(words)
    case .damaged:
      damagedCount += 1
      quality.noteDamage()
      try refuseOtherServices(isComplete: damagedCount >= limits.damageCount)
      if acknowledges { try write(PacketEncoder.rejection) }
      return .damaged
    }
  }

  /// Output and file requests may come instead of a reply; returns whether this was one.
  func takeAside(_ payload: [UInt8]) -> Bool {
    if let output = ConsoleOutput.decode(payload) {
      console += output
      if console.count > 1 << 16 { console.removeFirst(console.count - 1 << 16) }
      return true
    }
    guard payload.first == UInt8(ascii: "F") else { return false }
    // GDB manual, "The F Request Packet": no call is ever made for a stub. 1 is EPERM.
    try? send(Array("F-1,1".utf8))
    return true
  }

  // MARK: Bytes

  func read(
    deadline: ContinuousClock.Instant?, isInterruptible: Bool
  ) throws(TargetError) -> SocketStream.ReadOutcome {
    input.removeAll(keepingCapacity: true)
    let outcome: SocketStream.ReadOutcome
    do throws(SystemError) {
      outcome = try transport.read(
        into: &input, deadline: deadline, isInterruptible: isInterruptible)
    } catch {
      throw lose(error)
    }
    if outcome == .ended { throw lose() }
    if let seen = opening, seen.count < 512 { opening = seen + input.prefix(512) }
    traffic.receivedBytes += input.count
    decoder.receive(input)
    return outcome
  }

  func writeRejection() throws(TargetError) { try write(PacketEncoder.rejection) }

  /// Writes, after the acknowledgement that is owed.
  private func write(_ bytes: [UInt8]) throws(TargetError) {
    if let lost { throw lost }
    let all = owesAcknowledgement ? PacketEncoder.acknowledgement + bytes : bytes
    owesAcknowledgement = false
    guard !all.isEmpty else { return }
    traffic.sentBytes += all.count
    do throws(SystemError) {
      try transport.write(all, deadline: .now + limits.replyTimeout)
    } catch {
      throw lose(error)
    }
  }

  /// `cause` is nil when the other side just closed.
  private func lose(_ cause: SystemError? = nil) -> TargetError {
    let error: TargetError
    if opening == nil {
      error = TargetError(
        .connectionLost,
        "the connection to \(peer) is gone: \(cause?.reason ?? "the other side closed it")")
    } else if let cause, !cause.isHangUp {
      error = TargetError(.cannotConnect, "no stub answers at \(peer): \(cause.reason)")
    } else {
      error = StubGreeting.closed(peer: peer, bytes: opening ?? [])
    }
    lost = error
    transport.close()
    return error
  }

  /// Before the first packet: throws when what came is no stub's; else when to look again.
  private func openingDeadline() throws(TargetError) -> ContinuousClock.Instant? {
    guard opening != nil, decoder.noiseByteCount > 0 else { return nil }
    let now = ContinuousClock.now
    let start = noiseStart ?? now
    noiseStart = start
    try refuseOtherServices(isComplete: now - start >= limits.noiseTimeout)
    return start + limits.noiseTimeout
  }

  /// Throws when no packet has come and what has come is not a stub's.
  private func refuseOtherServices(isComplete: Bool) throws(TargetError) {
    guard let seen = opening,
      let error = StubGreeting.rejection(of: seen, isComplete: isComplete, peer: peer)
    else { return }
    lost = error
    transport.close()
    throw error
  }
  private var noiseStart: ContinuousClock.Instant?

  private func unusable(_ request: [UInt8]) -> TargetError {
    TargetError(
      .timedOut,
      "the link to \(peer) is unusable: \(damagedCount) of \(packetCount + damagedCount)"
        + " packets damaged",
      hint: "check the line; `\(name(of: request))` got no undamaged answer")
  }

  private func unanswered(_ request: [UInt8], maybeDone: Bool) -> TargetError {
    TargetError(
      .timedOut,
      "no answer from \(peer) to `\(name(of: request))`"
        + (maybeDone ? "; it may have been carried out" : ""))
  }

  /// The beginning of a request, for messages.
  private func name(of request: [UInt8]) -> String {
    text(request.prefix(24)) + (request.count > 24 ? "..." : "")
  }
}

/// Which way a packet went.
public enum PacketDirection: Sendable { case sent, received }
