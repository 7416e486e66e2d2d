import Machine

/// What is certain about a step over a bad line.
///
/// A step is sent once, never again. When its fate is in doubt the program counter tells: moved, the
/// step was carried out; not moved, it was not, or it led back to the same place.
extension RemoteTarget {
  struct StepOrigin {
    let cpu: Int
    let counter: UInt64
  }

  /// The program counter before a step: from the last stop where it is known, read on a bad line.
  func knownCounter(of cpu: Int) -> UInt64? {
    if session.link.isSuspect { return try? registers(of: cpu)[architecture.programCounter] }
    guard cache.stopCount == session.stopCount else { return nil }
    return cache.general[cpu]?[architecture.programCounter]
  }

  /// A step whose stop came over a bad line.
  func verified(
    _ reason: StopReason, from origin: StepOrigin
  ) throws(TargetError) -> StopReason {
    if try session.hasStoppedTooOften() {
      throw TargetError(
        .refused, "the line repeated a packet: more than one instruction may have been executed",
        hint: "look at the program counter before going on")
    }
    guard reason.kind == .interrupt else { return reason }
    return try provenStep(
      from: origin,
      doubt: TargetError(.timedOut, "no word of the step came through the line"))
  }

  func provenStep(
    from origin: StepOrigin, doubt: TargetError
  ) throws(TargetError) -> StopReason {
    guard let counter = try? registers(of: origin.cpu)[architecture.programCounter] else {
      throw doubt
    }
    if counter != origin.counter { return StopReason(.trap, cpu: origin.cpu) }
    throw TargetError(
      .refused,
      "the program counter has not moved: the step was not carried out, or led back to its place",
      hint: doubt.message)
  }
}
