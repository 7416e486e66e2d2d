import Binary
import Machine

/// Carries bytes to a stub and back.
protocol Transport: AnyObject {
  /// Whether bytes arrive as they were sent, or not at all. Acknowledgements are given up only then.
  var isReliable: Bool { get }
  /// How long a byte takes at least, where the speed of the line is known; else 0.
  var secondsPerByte: Double { get }
  /// Appends what has arrived to `buffer`, waiting until `deadline` (nil: for ever) for the first
  /// byte. With `isInterruptible` a pending `Interrupt` ends the wait.
  func read(
    into buffer: inout [UInt8], deadline: ContinuousClock.Instant?, isInterruptible: Bool
  ) throws(SystemError) -> SocketStream.ReadOutcome
  func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(SystemError)
  /// Asks the stub to stop a running target: one byte 0x03, unless the line has another way.
  func sendBreak(deadline: ContinuousClock.Instant) throws(SystemError)
  func close()
  /// The process at the other end; nil: not on this machine, or not known.
  var peerProcess: Int32? { get }
}

extension Transport {
  var isReliable: Bool { true }
  var secondsPerByte: Double { 0 }
  var peerProcess: Int32? { nil }

  func sendBreak(deadline: ContinuousClock.Instant) throws(SystemError) {
    try write(PacketEncoder.breakIn, deadline: deadline)
  }
}
