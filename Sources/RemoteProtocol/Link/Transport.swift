import Binary
import Machine

/// Carries bytes to a stub and back.
protocol Transport: AnyObject {
  /// Appends what has arrived to `buffer`, waiting until `deadline` (nil: for ever) for the first
  /// byte. With `isInterruptible` a pending `Interrupt` ends the wait.
  func read(
    into buffer: inout [UInt8], deadline: ContinuousClock.Instant?, isInterruptible: Bool
  ) throws(SystemError) -> SocketStream.ReadOutcome
  func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(SystemError)
  func close()
  /// The process at the other end; nil: not on this machine, or not known.
  var peerProcess: Int32? { get }
}

extension Transport {
  var peerProcess: Int32? { nil }
}

/// TCP and Unix sockets.
final class SocketTransport: Transport {
  private let stream: SocketStream

  init(_ stream: SocketStream) { self.stream = stream }

  func read(
    into buffer: inout [UInt8], deadline: ContinuousClock.Instant?, isInterruptible: Bool
  ) throws(SystemError) -> SocketStream.ReadOutcome {
    try stream.read(
      into: &buffer, deadline: deadline,
      wake: isInterruptible ? Interrupt.shared.descriptor : -1)
  }

  func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(SystemError) {
    try stream.write(bytes, deadline: deadline)
  }

  func close() { stream.close() }

  var peerProcess: Int32? { stream.peerProcess }
}
