import Glibc

/// A non-blocking pipe that makes a waiting `poll` return. Never closed: made once a process.
public final class WakePipe: Sendable {
  /// -1 when the pipe could not be made.
  public let readEnd: Int32
  private let writeEnd: Int32

  public init() {
    var ends: [Int32] = [-1, -1]
    // SAFETY: pipe writes two descriptors into the array of two.
    guard unsafe pipe(&ends) == 0 else {
      readEnd = -1
      writeEnd = -1
      return
    }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    readEnd = ends[0]
    writeEnd = ends[1]
  }

  /// Async-signal-safe.
  public func wake() {
    var byte: UInt8 = 1
    // SAFETY: one byte is read from a local variable.
    _ = unsafe Glibc.write(writeEnd, &byte, 1)
  }

  public func drain() {
    var buffer = [UInt8](repeating: 0, count: 64)
    // SAFETY: at most 64 bytes are written into the buffer of 64.
    while unsafe Glibc.read(readEnd, &buffer, 64) > 0 {}
  }
}
