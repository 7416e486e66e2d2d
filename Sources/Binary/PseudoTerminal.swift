import CSystem
import Glibc

/// A pair of terminal ends without a terminal: what is written to one is read from the other.
public final class PseudoTerminal {
  /// The device that stands for the serial line.
  public let path: String
  private let descriptor: PolledDescriptor

  public init() throws(SystemError) {
    var name = [CChar](repeating: 0, count: 128)
    // SAFETY: at most the array's size is written, with a final NUL.
    let number = unsafe kscope_open_pty(&name, name.count)
    guard number >= 0 else { throw SystemError("make", "a pseudo-terminal", code: -number) }
    descriptor = PolledDescriptor(adopting: number, isSocket: false)
    path = String(
      decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// See `SocketStream.read`.
  public func read(
    into buffer: inout [UInt8], deadline: ContinuousClock.Instant?, wake: Int32 = -1
  ) throws(SystemError) -> SocketStream.ReadOutcome {
    try descriptor.read(into: &buffer, deadline: deadline, wake: wake)
  }

  /// See `SocketStream.write`.
  public func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(SystemError) {
    try descriptor.write(bytes, deadline: deadline)
  }

  public func close() { descriptor.close() }
}
