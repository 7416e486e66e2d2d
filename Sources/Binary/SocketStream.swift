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

  private let descriptor: PolledDescriptor

  /// Takes over `descriptor`, which `close()` or deinit closes.
  public init(adopting descriptor: Int32) {
    self.descriptor = PolledDescriptor(adopting: descriptor, isSocket: true)
  }

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
      // SAFETY: gai_strerror returns a constant string.
      let words = unsafe status == EAI_SYSTEM ? nil : String(cString: gai_strerror(status))
      throw SystemError("find host of", subject, code: ENXIO, words: words)
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

  /// Two connected streams; the second one may be made for a program that does not expect EAGAIN.
  public static func pair(
    secondIsBlocking: Bool = false
  ) throws(SystemError) -> (SocketStream, SocketStream) {
    var ends: [Int32] = [-1, -1]
    // SAFETY: socketpair writes two descriptors into the array of two.
    guard unsafe socketpair(AF_UNIX, streamType, 0, &ends) == 0 else {
      throw SystemError("make", "socket pair", code: errno)
    }
    let pair = (SocketStream(adopting: ends[0]), SocketStream(adopting: ends[1]))
    if secondIsBlocking { pair.1.descriptor.setNonBlocking(false) }
    return pair
  }

  /// -1 when it is closed.
  var openDescriptor: Int32 { descriptor.number }

  /// Appends what has arrived to `buffer`, waiting until `deadline` (nil: for ever) for the first
  /// byte. A readable `wake` descriptor (negative: none) ends the wait.
  public func read(
    into buffer: inout [UInt8], deadline: ContinuousClock.Instant?, wake: Int32 = -1
  ) throws(SystemError) -> ReadOutcome {
    try descriptor.read(into: &buffer, deadline: deadline, wake: wake)
  }

  /// Writes all of `bytes`, or throws (ETIMEDOUT when `deadline` passes first).
  public func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(SystemError) {
    try descriptor.write(bytes, deadline: deadline)
  }

  /// Closes the socket; more calls do nothing.
  public func close() { descriptor.close() }

  private static var streamType: Int32 { Int32(SOCK_STREAM.rawValue) }

  /// The error number, or 0.
  private func connect(
    _ address: UnsafePointer<sockaddr>, _ length: socklen_t, _ deadline: ContinuousClock.Instant
  ) -> Int32 {
    // SAFETY: the caller passes an address with its own length.
    if unsafe Glibc.connect(openDescriptor, address, length) == 0 { return 0 }
    // EAGAIN: the listener of a Unix socket has a full queue; there is nothing to wait for.
    guard errno == EINPROGRESS else { return errno }
    switch descriptor.wait(for: POLLOUT, deadline: deadline, wake: -1) {
    case .timedOut: return ETIMEDOUT
    case .failed(let code): return code
    case .ready, .woken: break
    }
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    // SAFETY: getsockopt writes at most `size` bytes into `code`.
    guard unsafe getsockopt(openDescriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else {
      return errno
    }
    return code
  }

  private func sendSmallPacketsAtOnce() {
    var on: Int32 = 1
    // SAFETY: the option's value is an Int32, passed with its size.
    _ = unsafe setsockopt(
      openDescriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }
}
