import Glibc

/// A descriptor that carries a stream both ways, non-blocking inside: every wait has a deadline.
final class PolledDescriptor {
  /// Negative when closed.
  private(set) var number: Int32
  /// A write to a socket whose peer is gone must not raise SIGPIPE.
  private let isSocket: Bool
  private var chunk = [UInt8](repeating: 0, count: 65_536)

  /// Takes over `number`, which `close()` or deinit closes.
  init(adopting number: Int32, isSocket: Bool) {
    self.number = number
    self.isSocket = isSocket
    setNonBlocking(true)
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
  }

  deinit { close() }

  func setNonBlocking(_ isOn: Bool) {
    let flags = max(0, fcntl(number, F_GETFL))
    _ = fcntl(number, F_SETFL, isOn ? flags | O_NONBLOCK : flags & ~O_NONBLOCK)
  }

  /// See `SocketStream.read`.
  func read(
    into buffer: inout [UInt8], deadline: ContinuousClock.Instant?, wake: Int32
  ) throws(SystemError) -> SocketStream.ReadOutcome {
    while true {
      guard number >= 0 else { return .ended }
      let size = chunk.count
      // SAFETY: at most `size` bytes are written into the chunk of `size` bytes.
      let count = unsafe Glibc.read(number, &chunk, size)
      if count > 0 {
        buffer += chunk[..<count]
        return .bytes
      }
      if count == 0 { return .ended }
      let code = errno
      if code == EINTR { continue }
      // EIO: the other end of a terminal is gone.
      if code == ECONNRESET || (code == EIO && !isSocket) { return .ended }
      guard code == EAGAIN else { throw SystemError("read from", "the connection", code: code) }
      switch wait(for: POLLIN, deadline: deadline, wake: wake) {
      case .ready: continue
      case .timedOut: return .timedOut
      case .woken: return .woken
      case .failed(let code): throw SystemError("wait for", "the connection", code: code)
      }
    }
  }

  /// Writes all of `bytes`, or throws (ETIMEDOUT when `deadline` passes first).
  func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      guard number >= 0 else { throw SystemError("write to", "the connection", code: EPIPE) }
      let rest = done == 0 ? bytes : Array(bytes[done...])
      // SAFETY: the array is passed with its size.
      let sent =
        unsafe isSocket
        ? send(number, rest, rest.count, Int32(MSG_NOSIGNAL))
        : Glibc.write(number, rest, rest.count)
      if sent >= 0 {
        done += sent
        continue
      }
      let code = errno
      if code == EINTR { continue }
      guard code == EAGAIN else { throw SystemError("write to", "the connection", code: code) }
      switch wait(for: POLLOUT, deadline: deadline, wake: -1) {
      case .ready, .woken: continue
      case .timedOut: throw SystemError("write to", "the connection", code: ETIMEDOUT)
      case .failed(let code): throw SystemError("wait for", "the connection", code: code)
      }
    }
  }

  /// More calls do nothing.
  func close() {
    guard number >= 0 else { return }
    _ = Glibc.close(number)
    number = -1
  }

  enum Readiness {
    case ready
    case timedOut
    case woken
    case failed(Int32)
  }

  func wait(
    for events: Int32, deadline: ContinuousClock.Instant?, wake: Int32
  ) -> Readiness {
    var watched = [
      pollfd(fd: number, events: Int16(events), revents: 0),
      pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
    ]
    while true {
      // SAFETY: two entries are passed, negative descriptors are ignored by poll.
      let count = unsafe poll(&watched, 2, milliseconds(until: deadline))
      if count < 0, errno != EINTR { return .failed(errno) }
      if count > 0 { return watched[0].revents != 0 ? .ready : .woken }
      if let deadline, ContinuousClock.now >= deadline { return .timedOut }
    }
  }

  private func milliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
    guard let deadline else { return -1 }
    let left = deadline - ContinuousClock.now
    guard left > .zero else { return 0 }
    return Int32(clamping: Int64(left / .milliseconds(1)) + 1)
  }
}
