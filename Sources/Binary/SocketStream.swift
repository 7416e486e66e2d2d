import Glibc

/// A connected stream socket, non-blocking inside: every wait has a deadline and can be woken.
///
/// Writing to a peer that is gone is an error, never a signal.
public final class SocketStream {
  /// What a read ended with.
  public enum ReadOutcome: Equatable, Sendable {
    /// Bytes were appended to the buffer.
    case bytes
    case timedOut
    /// The wake descriptor became readable; nothing was read.
    case woken
    /// The peer has closed its end.
    case ended
  }

  private var descriptor: Int32
  /// -1 when it is closed.
  var openDescriptor: Int32 { descriptor }
  private var chunk = [UInt8](repeating: 0, count: 65_536)

  /// Takes over `descriptor`, which `close()` or deinit closes.
  public init(adopting descriptor: Int32) {
    self.descriptor = descriptor
    let flags = fcntl(descriptor, F_GETFL)
    _ = fcntl(descriptor, F_SETFL, (flags < 0 ? 0 : flags) | O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  deinit { close() }

  /// Connects to the Unix socket at `path` (at most 107 bytes).
  public static func unix(
    path: String, deadline: ContinuousClock.Instant
  ) throws(SystemError) -> SocketStream {
    let operation = "connect to"
    let bytes = Array(path.utf8)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // SAFETY: `place` has room for all bytes and the final NUL; checked before they are copied.
    let fits = unsafe withUnsafeMutableBytes(of: &address.sun_path) { place in
      guard place.count > bytes.count else { return false }
      unsafe place.copyBytes(from: bytes)
      return true
    }
    guard fits, !bytes.isEmpty else {
      throw SystemError(operation, path, code: bytes.isEmpty ? EINVAL : ENAMETOOLONG)
    }
    let descriptor = socket(AF_UNIX, streamType, 0)
    guard descriptor >= 0 else { throw SystemError(operation, path, code: errno) }
    let stream = SocketStream(adopting: descriptor)
    // SAFETY: a sockaddr_un is laid out as connect expects for AF_UNIX; its size is passed along.
    let code = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe stream.connect(address, socklen_t(MemoryLayout<sockaddr_un>.size), deadline)
      }
    }
    guard code == 0 else { throw SystemError(operation, path, code: code) }
    return stream
  }

  /// Connects by TCP, without delay of small packets, to the first address of `host` that accepts.
  public static func tcp(
    host: String, port: UInt16, deadline: ContinuousClock.Instant
  ) throws(SystemError) -> SocketStream {
    let subject = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    // SAFETY: an addrinfo of zeros, with null pointers, is what getaddrinfo wants as hints.
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = streamType
    var found: UnsafeMutablePointer<addrinfo>?
    // SAFETY: the strings are temporary C strings; `found` is freed below.
    let status = unsafe getaddrinfo(host, String(port), &hints, &found)
    guard status == 0 else {
      throw SystemError("find host of", subject, code: status == EAI_SYSTEM ? errno : ENXIO)
    }
    defer { unsafe freeaddrinfo(found) }
    var code = ECONNREFUSED
    var next = unsafe found
    // SAFETY: the list getaddrinfo made stays valid until freed; every address has its length.
    while let entry = unsafe next {
      let descriptor = unsafe socket(entry.pointee.ai_family, streamType, 0)
      if descriptor >= 0 {
        let stream = SocketStream(adopting: descriptor)
        code = unsafe stream.connect(entry.pointee.ai_addr, entry.pointee.ai_addrlen, deadline)
        if code == 0 {
          stream.sendSmallPacketsAtOnce()
          return stream
        }
      } else {
        code = errno
      }
      unsafe next = entry.pointee.ai_next
    }
    throw SystemError("connect to", subject, code: code)
  }

  /// Two connected streams.
  public static func pair() throws(SystemError) -> (SocketStream, SocketStream) {
    var ends: [Int32] = [-1, -1]
    // SAFETY: socketpair writes two descriptors into the array of two.
    guard unsafe socketpair(AF_UNIX, streamType, 0, &ends) == 0 else {
      throw SystemError("make", "socket pair", code: errno)
    }
    return (SocketStream(adopting: ends[0]), SocketStream(adopting: ends[1]))
  }

  /// Appends what has arrived to `buffer`, waiting until `deadline` (nil: for ever) for the first
  /// byte. A readable `wake` descriptor (negative: none) ends the wait.
  public func read(
    into buffer: inout [UInt8], deadline: ContinuousClock.Instant?, wake: Int32 = -1
  ) throws(SystemError) -> ReadOutcome {
    while true {
      guard descriptor >= 0 else { return .ended }
      let size = chunk.count
      // SAFETY: at most `size` bytes are written into the chunk of `size` bytes.
      let count = unsafe Glibc.read(descriptor, &chunk, size)
      if count > 0 {
        buffer += chunk[..<count]
        return .bytes
      }
      if count == 0 { return .ended }
      let code = errno
      if code == EINTR { continue }
      if code == ECONNRESET { return .ended }
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
  public func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      guard descriptor >= 0 else { throw SystemError("write to", "the connection", code: EPIPE) }
      let rest = done == 0 ? bytes : Array(bytes[done...])
      // SAFETY: the array is passed with its size.
      let sent = unsafe send(descriptor, rest, rest.count, Int32(MSG_NOSIGNAL))
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

  /// Closes the socket; more calls do nothing.
  public func close() {
    guard descriptor >= 0 else { return }
    _ = Glibc.close(descriptor)
    descriptor = -1
  }

  private enum Readiness {
    case ready
    case timedOut
    case woken
    case failed(Int32)
  }

  private static var streamType: Int32 { Int32(SOCK_STREAM.rawValue) }

  private func wait(
    for events: Int32, deadline: ContinuousClock.Instant?, wake: Int32
  ) -> Readiness {
    var watched = [
      pollfd(fd: descriptor, events: Int16(events), revents: 0),
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

  /// The error number, or 0.
  private func connect(
    _ address: UnsafePointer<sockaddr>, _ length: socklen_t, _ deadline: ContinuousClock.Instant
  ) -> Int32 {
    // SAFETY: the caller passes an address with its own length.
    if unsafe Glibc.connect(descriptor, address, length) == 0 { return 0 }
    // EAGAIN: the listener of a Unix socket has a full queue; there is nothing to wait for.
    guard errno == EINPROGRESS else { return errno }
    switch wait(for: POLLOUT, deadline: deadline, wake: -1) {
    case .timedOut: return ETIMEDOUT
    case .failed(let code): return code
    case .ready, .woken: break
    }
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    // SAFETY: getsockopt writes at most `size` bytes into `code`.
    guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else {
      return errno
    }
    return code
  }

  private func sendSmallPacketsAtOnce() {
    var on: Int32 = 1
    // SAFETY: the option's value is an Int32, passed with its size.
    _ = unsafe setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }
}
