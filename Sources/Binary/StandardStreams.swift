import Glibc

/// What the process was started with: standard streams, environment, working folder.
public enum StandardStreams {
  public static let input: Int32 = 0
  public static let output: Int32 = 1
  public static let error: Int32 = 2

  public static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Columns of the terminal behind a descriptor; nil: no terminal, or it does not say.
  public static func columns(_ descriptor: Int32) -> Int? {
    var size = winsize()
    // SAFETY: TIOCGWINSZ fills the structure that is passed.
    guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return nil
    }
    return Int(size.ws_col)
  }

  /// An environment variable, or nil when it is unset.
  public static func environment(_ name: String) -> String? {
    // SAFETY: getenv returns nil or a NUL-terminated string, copied at once; nobody calls setenv.
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }

  public static var workingFolder: String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    // SAFETY: at most as many characters as the buffer has are written, with a NUL.
    guard unsafe getcwd(&buffer, buffer.count) != nil else { return "." }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Waits until a descriptor can be read: true; or `milliseconds` passed or a signal came: false.
  /// A descriptor of -1 just waits.
  public static func waitForInput(
    _ descriptor: Int32, orWake wake: Int32 = -1, milliseconds: Int32
  ) -> Bool {
    var descriptors = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
    ]
    // SAFETY: poll reads and writes the two elements of the array.
    guard unsafe poll(&descriptors, 2, milliseconds) > 0 else { return false }
    return descriptors[0].revents != 0
  }

  /// Up to `count` bytes; empty at the end of input or on an error.
  public static func read(_ descriptor: Int32, count: Int) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    // SAFETY: at most `count` bytes are written into the buffer of that size.
    let length = unsafe Glibc.read(descriptor, &buffer, count)
    return length > 0 ? Array(buffer.prefix(length)) : []
  }
}
