import CSystem
import Glibc

/// A program that kscope started: it has no terminal, and the system kills it when the thread that
/// started it ends.
public final class ChildProcess {
  public let id: Int32
  private var status: Int32?

  /// Starts `arguments[0]` (searched on PATH); its output and errors go to `output`, a descriptor
  /// that the caller keeps.
  public convenience init(_ arguments: [String], output: Int32) throws(SystemError) {
    try self.init(arguments, input: -1, output: output, errors: output)
  }

  /// Starts a shell's command that talks through its standard input and output; what it says on
  /// standard error goes where ours goes.
  public static func talking(
    _ command: String
  ) throws(SystemError) -> (child: ChildProcess, stream: SocketStream) {
    let (ours, theirs) = try SocketStream.pair(secondIsBlocking: true)
    let child = try ChildProcess(
      ["/bin/sh", "-c", command], input: theirs.openDescriptor, output: theirs.openDescriptor,
      errors: StandardStreams.error)
    theirs.close()
    return (child, ours)
  }

  /// Starts a shell's command on `terminal`, which is all that it sees.
  public static func talking(
    _ command: String, on terminal: SerialPort
  ) throws(SystemError) -> ChildProcess {
    terminal.makeBlocking()
    return try ChildProcess(
      ["/bin/sh", "-c", command], input: terminal.number, output: terminal.number,
      errors: StandardStreams.error)
  }

  private init(
    _ arguments: [String], input: Int32, output: Int32, errors: Int32
  ) throws(SystemError) {
    let subject = arguments.first ?? "nothing"
    guard !arguments.isEmpty, !arguments.contains(where: { $0.utf8.contains(0) }) else {
      throw SystemError("start", subject, code: EINVAL)
    }
    // SAFETY: each string is copied by strdup and freed below, after the child has its own copy.
    var strings: [UnsafeMutablePointer<CChar>?] = unsafe []
    for argument in arguments { unsafe strings.append(strdup(argument)) }
    unsafe strings.append(nil)
    defer { for index in unsafe strings.indices { unsafe free(strings[index]) } }
    // SAFETY: the array ends with NULL, as execvp wants.
    let id = unsafe kscope_spawn(strings, input, output, errors)
    guard id > 0 else { throw SystemError("start", subject, code: -id) }
    self.id = id
  }

  /// Starts a program whose output and errors are appended to the file at `path`, made if needed.
  public convenience init(_ arguments: [String], outputPath path: String) throws(SystemError) {
    // SAFETY: the path is passed as a temporary C string.
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SystemError("write", path, code: errno) }
    defer { _ = close(descriptor) }
    try self.init(arguments, output: descriptor)
  }

  /// Whether the program has ended (or is not ours any more).
  public var hasExited: Bool {
    if status != nil { return true }
    var value: Int32 = 0
    // SAFETY: waitpid writes one Int32.
    let result = unsafe waitpid(id, &value, WNOHANG)
    guard result != 0, !(result < 0 && errno == EINTR) else { return false }
    status = value
    return true
  }

  /// How it ended: its exit status, or 128 + the number of the signal; nil while it runs.
  public var exitStatus: Int? {
    guard hasExited, let status else { return nil }
    let signal = status & 0x7f
    return signal == 0 ? Int((status >> 8) & 0xff) : 128 + Int(signal)
  }

  /// Asks the program to end, and after `seconds` makes it end.
  public func terminate(afterSeconds seconds: Double = 2) {
    guard !hasExited else { return }
    signalAll(SIGTERM)
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !hasExited {
      if ContinuousClock.now >= deadline {
        signalAll(SIGKILL)
        var value: Int32 = 0
        // SAFETY: waitpid writes one Int32.
        _ = unsafe waitpid(id, &value, 0)
        status = value
        return
      }
      usleep(2_000)
    }
  }

  /// To the program and what it has started, unless that went into a group of its own.
  private func signalAll(_ signal: Int32) {
    if kill(-id, signal) != 0 { _ = kill(id, signal) }
  }

  deinit { terminate() }
}
