import Machine

/// What restores the trust in a line: a question whose answer belongs to no other question.
///
/// A stub answers in the order in which it is asked and a line keeps that order, so whatever comes
/// before the right answer is old. Nothing is guessed from silence, unless the stub has no such
/// question; then the line must be quiet as well.
extension RemoteLink {
  /// Makes sure that the next reply belongs to the next request.
  func settle() throws(TargetError) {
    if let lost { throw lost }
    if opening == nil { try noticeSurplus() }
    if isInDoubt || isSuspect { try resync() }
  }

  /// What arrives before anything was asked is no answer.
  private func noticeSurplus() throws(TargetError) {
    _ = try read(deadline: .now, isInterruptible: false)
    while let event = decoder.next() {
      switch event {
      case .acknowledged, .notification: continue
      default:
        isInDoubt = true
        // A stop that nobody waited for is the target's doing, anything else the line's.
        if case .packet(let payload) = event, StopReply(parsing: payload) != nil {
          surplusStopCount += 1
        } else {
          noteTrouble()
        }
        _ = try take(event)
      }
    }
  }

  /// Sees whether the other side has closed the connection; nothing is waited for.
  func noticeEnd() {
    guard lost == nil, opening == nil else { return }
    _ = try? read(deadline: .now, isInterruptible: false)
  }

  func resync() throws(TargetError) {
    for attempt in 1...limits.resyncCount {
      if isInDoubt { resyncCount += 1 }
      quality.canaryCount += 1
      let canary = canary(quality.canaryCount)
      if !canary.isUnmistakable || attempt > 2 {
        _ = try drain(quiet: limits.quietTime * min(attempt, 3))
      }
      try send(canary.request)
      guard try isAnswered(canary) else {
        noteTrouble()
        continue
      }
      if canary.isUnmistakable || !isInDoubt {
        isInDoubt = false
        return
      }
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
    var wait = replyWait(nil, to: canary.request)
    var others = 0
    var damages = 0
    while others < 200 {
      switch try receive(&wait) {
      case .packet(let payload):
        if canary.isAnswer(payload) { return true }
        if takeAside(payload) { continue }
        others += 1
        if StopReply(parsing: payload) != nil { surplusStopCount += 1 }
      case .timedOut, .rejected: return false
      case .damaged:
        damages += 1
        if !acknowledges || damages >= limits.damageCount { return false }
      case .woken: throw TargetError(.interrupted, "interrupted while waiting for \(peer)")
      case .acknowledged: continue
      case .malformed: others += 1
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

  /// Asks for the last packet once more: the stub's stop may have been lost on the way.
  func askForRepetition() throws(TargetError) {
    guard acknowledges, lost == nil else { return }
    try writeRejection()
  }
}
