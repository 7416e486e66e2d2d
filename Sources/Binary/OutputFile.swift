import Glibc

/// Bytes to files and standard streams.
public enum OutputFile {
  /// Creates (0666 by the umask) or replaces a regular file, or appends to it.
  public static func write(
    _ bytes: [UInt8], to path: String, appending: Bool = false, mode: UInt32 = 0o666
  ) throws(SystemError) {
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (appending ? O_APPEND : O_TRUNC)
    // SAFETY: the path is passed as a temporary C string.
    let descriptor = unsafe open(path, flags, mode)
    guard descriptor >= 0 else { throw SystemError("write", path, code: errno) }
    defer { _ = close(descriptor) }
    try write(bytes, to: descriptor, named: path)
  }

  /// Writes everything; interrupted calls go on.
  public static func write(
    _ bytes: some Collection<UInt8>, to descriptor: Int32, named name: String
  ) throws(SystemError) {
    let bytes = Array(bytes)
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes[done...].withUnsafeBytes { buffer in
        // SAFETY: the buffer is valid during the call and as long as it says.
        unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw SystemError("write", name, code: errno) }
      done += count
    }
  }

  /// Makes a folder and those above it, private to the user. Folders that exist are left as they are.
  public static func makeFolder(_ path: String) throws(SystemError) {
    // SAFETY: the paths are passed as temporary C strings.
    if unsafe mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
      throw SystemError("make", path, code: errno)
    }
    try makeFolder(String(path[..<slash]))
    // SAFETY: as above.
    guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw SystemError("make", path, code: errno)
    }
  }

  /// Makes a new folder that only the user can enter; `prefix` is the start of its path.
  public static func makeTemporaryFolder(prefix: String) throws(SystemError) -> String {
    var template = Array((prefix + "XXXXXX").utf8CString)
    // SAFETY: mkdtemp changes the last six characters of the NUL-terminated array in place.
    guard unsafe mkdtemp(&template) != nil else {
      throw SystemError("make a folder", prefix + "XXXXXX", code: errno)
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Removes a file or an empty folder; failures do not matter.
  public static func remove(_ path: String) {
    // SAFETY: the path is passed as a temporary C string.
    _ = unsafe Glibc.remove(path)
  }

  public static func rename(_ from: String, to: String) throws(SystemError) {
    // SAFETY: the paths are passed as temporary C strings.
    guard unsafe Glibc.rename(from, to) == 0 else { throw SystemError("write", to, code: errno) }
  }
}

extension OutputFile {
  /// Whether anything is at this path.
  public static func exists(_ path: String) -> Bool {
    // SAFETY: the path is passed as a temporary C string.
    unsafe access(path, F_OK) == 0
  }
}
