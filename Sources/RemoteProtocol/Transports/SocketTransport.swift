import Binary
import Machine

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
