import Binary

/// Writes what another transport carries to a transcript.
final class RecordingTransport: Transport {
  private let base: any Transport
  private let path: String
  private let start = ContinuousClock.now
  private var text: [UInt8] = []
  /// Why the recording has ended early.
  private(set) var failure: SystemError?

  /// `comments` say what the session is; one line each.
  init(_ base: any Transport, path: String, comments: [String]) throws(SystemError) {
    self.base = base
    self.path = path
    var opening = "\(Transcript.opening) \(Transcript.version)\n"
    for comment in comments { opening += "# \(Transcript.escape(Array(comment.utf8)))\n" }
    try OutputFile.write(Array(opening.utf8), to: path, mode: 0o600)
  }

  var isReliable: Bool { base.isReliable }
  var secondsPerByte: Double { base.secondsPerByte }

  func read(
    into buffer: inout [UInt8], deadline: ContinuousClock.Instant?, isInterruptible: Bool
  ) throws(SystemError) -> SocketStream.ReadOutcome {
    save()
    let before = buffer.count
    let outcome = try base.read(
      into: &buffer, deadline: deadline, isInterruptible: isInterruptible)
    if buffer.count > before { note(.received(Array(buffer[before...]))) }
    if outcome == .ended { note(.ended) }
    return outcome
  }

  func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(SystemError) {
    note(.sent(bytes))
    try base.write(bytes, deadline: deadline)
  }

  func sendBreak(deadline: ContinuousClock.Instant) throws(SystemError) {
    note(.breakSignal)
    try base.sendBreak(deadline: deadline)
  }

  func close() {
    save()
    base.close()
  }

  private func note(_ event: Transcript.Event) {
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    text += Array(Transcript.text(of: event, seconds: seconds).utf8)
    if text.count > 1 << 16 { save() }
  }

  /// A session goes on when its record cannot; `failure` tells.
  private func save() {
    guard !text.isEmpty, failure == nil else { return }
    do throws(SystemError) {
      try OutputFile.write(text, to: path, appending: true, mode: 0o600)
    } catch {
      failure = error
    }
    text.removeAll(keepingCapacity: true)
  }
}
