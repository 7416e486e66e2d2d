import Glibc

/// A file or pipe that is open for reading until its owner goes.
public final class InputFile {
  public let descriptor: Int32

  /// Opens without waiting for the writer of a pipe; directories are refused.
  public init(_ path: String) throws(SystemError) {
    // SAFETY: the path is passed as a temporary C string.
    descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open", path, code: errno) }
    var status = stat()
    // SAFETY: `status` outlives the call.
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw SystemError("read", path, code: errno)
    }
    if status.st_mode & S_IFMT == S_IFDIR { throw SystemError("read", path, code: EISDIR) }
  }

  deinit { _ = close(descriptor) }
}
