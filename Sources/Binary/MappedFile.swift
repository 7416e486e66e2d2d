import Glibc

/// A failed call to the operating system: what was tried, on what, and the system's reason.
public struct SystemError: Error, Equatable, CustomStringConvertible {
  public let operation: String
  public let subject: String
  public let code: Int32
  private let words: String?

  /// `words` say more than the system's own words for `code`.
  public init(_ operation: String, _ subject: String, code: Int32, words: String? = nil) {
    self.operation = operation
    self.subject = subject
    self.code = code
    self.words = words
  }

  /// The other side of a connection closed it, with something of ours unread.
  public var isHangUp: Bool { code == ECONNRESET || code == EPIPE }

  /// Why, in words.
  public var reason: String {
    if let words { return words }
    // SAFETY: strerror returns a NUL-terminated string that is copied at once.
    return unsafe String(cString: strerror(code))
  }

  public var description: String { "cannot \(operation) \(subject): \(reason)" }
}

extension Bytes {
  /// Maps a regular file read-only; directories, pipes and devices are refused without blocking.
  public init(mapping path: String) throws(SystemError) {
    // SAFETY: the path is passed as a temporary C string.
    let descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open", path, code: errno) }
    defer { _ = close(descriptor) }
    var status = stat()
    // SAFETY: `status` outlives the call.
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw SystemError("read", path, code: errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let isDirectory = status.st_mode & S_IFMT == S_IFDIR
      throw SystemError("read", path, code: isDirectory ? EISDIR : EINVAL)
    }
    let count = Int(status.st_size)
    guard count > 0 else {
      self.init([])
      return
    }
    // SAFETY: a fresh private read-only mapping of `count` bytes, unmapped with its storage.
    guard let base = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0),
      unsafe base != UnsafeMutableRawPointer(bitPattern: -1)
    else { throw SystemError("map", path, code: errno) }
    self.init(
      storage: unsafe ByteStorage(
        base: UnsafeRawPointer(base), release: { unsafe _ = munmap(base, count) }),
      start: 0, count: count)
  }
}
