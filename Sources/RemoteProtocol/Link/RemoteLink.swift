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
  }

  /// Times and counts that bound every exchange.
  struct Limits {
    var replyTimeout: Duration = .seconds(5)
    var quietTime: Duration = .milliseconds(40)
    var resendCount = 3
    var damageCount = 5
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
  private(set) var isInDoubt = false
  /// Grows with each resync: what the stub was told before may have been lost.
  private(set) var resyncCount = 0
  private(set) var packetCount = 0
  private(set) var damagedCount = 0
  /// What has gone over the line, and how fast.
  private(set) var traffic = LinkTraffic()
  var model = LinkModel()
  /// What the stub or guest printed (`O` packets outside of a monitor command); the last 64 KiB.
  private(set) var console: [UInt8] = []
  /// Why the connection is gone.
  private(set) var lost: TargetError?

  let peer: String
  private let transport: any Transport
  private var decoder = PacketDecoder()
  private var input: [UInt8] = []
  private var owesAcknowledgement = false
  private var opening: [UInt8]? = []

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

  /// Whether the line has damaged or repeated packets: what it says is then asked twice.
  var isSuspect: Bool { damagedCount > 0 || hasRepeated }
  private var hasRepeated = false

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
    var wait = Wait(timeout ?? limits.replyTimeout, grace: limits.interruptGrace)
    while true {
      switch try receive(&wait) {
      case .packet(let payload):
        if isAside(payload) || takeAside(payload) { continue }
        if resends == 0, damages == 0 { timing.end(self) }
        return payload
      case .acknowledged: continue
      case .woken:
        isInDoubt = true
        throw TargetError(.interrupted, "interrupted while waiting for \(peer)")
      case .damaged:
        isInDoubt = true
        damages += 1
        guard damages < limits.damageCount else { throw unusable(request) }
        if acknowledges { continue }
        fallthrough
      case .rejected, .timedOut, .malformed:
        isInDoubt = true
        guard isIdempotent else { throw unanswered(request, maybeDone: true) }
        resends += 1
        guard resends <= limits.resendCount else { throw unanswered(request, maybeDone: false) }
        try resync()
        traffic.resends += 1
        try send(request)
        wait = Wait(timeout ?? limits.replyTimeout, grace: limits.interruptGrace)
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
        isInDoubt = true
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
      throw lose(error.reason)
    }
  }

  /// Makes sure that the next reply belongs to the next request.
  func settle() throws(TargetError) {
    if let lost { throw lost }
    if opening == nil { try noticeSurplus() }
    if isInDoubt { try resync() }
  }

  // MARK: Waiting

  /// A deadline, and the time before which interrupts are left alone.
  struct Wait {
    var deadline: ContinuousClock.Instant?
    var graceEnd: ContinuousClock.Instant

    init(_ timeout: Duration?, grace: Duration) {
      let now = ContinuousClock.now
      deadline = timeout.map { now + $0 }
      graceEnd = now + grace
    }
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
      if try read(deadline: limit, isInterruptible: isInterruptible) == .woken { return .woken }
    }
  }

  private func take(_ event: PacketDecoder.Event) throws(TargetError) -> Incoming? {
    switch event {
    case .acknowledged: return .acknowledged
    case .rejected: return opening == nil ? .rejected : nil
    case .notification: return nil
    case .packet(let payload):
      opening = nil
      packetCount += 1
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

  // MARK: Doubt

  /// What arrives before anything was asked is no answer.
  private func noticeSurplus() throws(TargetError) {
    _ = try read(deadline: .now, isInterruptible: false)
    while let event = decoder.next() {
      switch event {
      case .acknowledged, .notification: continue
      default:
        // A stop that nobody waited for is the target's doing, anything else the line's.
        if case .packet(let payload) = event, StopReply(parsing: payload) == nil {
          hasRepeated = true
        }
        _ = try take(event)
        isInDoubt = true
      }
    }
  }

  /// Sees whether the other side has closed the connection; nothing is waited for.
  func noticeEnd() {
    guard lost == nil, opening == nil else { return }
    _ = try? read(deadline: .now, isInterruptible: false)
  }

  private func resync() throws(TargetError) {
    for attempt in 1...limits.resendCount {
      _ = try drain(quiet: limits.quietTime * attempt)
      resyncCount += 1
      let canary = canary(resyncCount)
      try send(canary.request)
      guard try isAnswered(canary) else { continue }
      if try drain(quiet: limits.quietTime) == 0 {
        isInDoubt = false
        return
      }
    }
    throw TargetError(
      .timedOut,
      "the link to \(peer) is unusable: \(damagedCount) of \(packetCount + damagedCount)"
        + " packets damaged, no clear answer",
      hint: "try again, or check the line")
  }

  private func isAnswered(_ canary: Canary) throws(TargetError) -> Bool {
    var wait = Wait(limits.replyTimeout, grace: limits.interruptGrace)
    var others = 0
    while others < 100 {
      switch try receive(&wait) {
      case .packet(let payload):
        if canary.isAnswer(payload) { return true }
        others += 1
      case .timedOut, .rejected: return false
      case .damaged:
        others += 1
        if !acknowledges { return false }
      case .woken: throw TargetError(.interrupted, "interrupted while waiting for \(peer)")
      case .acknowledged, .malformed: others += 1
      }
    }
    return false
  }

  /// Throws away what comes until nothing came for `quiet`; returns how many packets that were.
  private func drain(quiet: Duration) throws(TargetError) -> Int {
    var count = 0
    let end = ContinuousClock.now + .seconds(2)
    while ContinuousClock.now < end {
      var wait = Wait(quiet, grace: .seconds(3600))
      switch try receive(&wait) {
      case .timedOut: return count
      case .acknowledged: continue
      default: count += 1
      }
    }
    return count
  }

  // MARK: Bytes

  private func read(
    deadline: ContinuousClock.Instant?, isInterruptible: Bool
  ) throws(TargetError) -> SocketStream.ReadOutcome {
    input.removeAll(keepingCapacity: true)
    let outcome: SocketStream.ReadOutcome
    do throws(SystemError) {
      outcome = try transport.read(
        into: &input, deadline: deadline, isInterruptible: isInterruptible)
    } catch {
      throw lose(error.reason)
    }
    if outcome == .ended { throw lose() }
    if let seen = opening, seen.count < 512 { opening = seen + input.prefix(512) }
    traffic.receivedBytes += input.count
    decoder.receive(input)
    return outcome
  }

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
      throw lose(error.reason)
    }
  }

  /// `why` is nil when the other side just closed.
  private func lose(_ why: String? = nil) -> TargetError {
    let error: TargetError
    if opening == nil {
      error = TargetError(
        .connectionLost,
        "the connection to \(peer) is gone: \(why ?? "the other side closed it")")
    } else if let why {
      error = TargetError(.cannotConnect, "no stub answers at \(peer): \(why)")
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
