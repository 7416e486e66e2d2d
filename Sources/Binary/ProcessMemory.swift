import Glibc

/// The memory of another process on this machine, which the user must be allowed to trace.
///
/// It stays the same process's even when its number is given to another one: once that process has
/// ended, nothing can be read.
public final class ProcessMemory {
  private let descriptor: Int32

  public init(ofProcess id: Int32) throws(SystemError) {
    let path = "/proc/\(id)/mem"
    // SAFETY: the path is passed as a temporary C string.
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("read", path, code: errno) }
  }

  deinit { _ = close(descriptor) }

  /// Exactly `count` bytes; nil when any of them is not mapped, or the process has ended.
  public func read(_ address: UInt64, count: Int) -> [UInt8]? {
    guard let start = Int(exactly: address), count >= 0 else { return nil }
    var done = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      while done < count {
        // SAFETY: the buffer has room for `count` bytes; the rest of it is written from `done` on.
        let length = unsafe pread(
          descriptor, buffer.baseAddress?.advanced(by: done), count - done, start + done)
        if length < 0, errno == EINTR { continue }
        guard length > 0 else { break }
        done += length
      }
      initializedCount = done
    }
    return done == count ? bytes : nil
  }
}
