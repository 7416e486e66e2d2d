import Glibc

/// The user's shell, for `cmd | shell` and `!shell`.
public enum Shell {
  /// Runs `/bin/sh -c COMMAND` on the user's terminal, with `input` as its standard input (nil: the
  /// user's own), and waits for it. Returns its exit status, 128 + N for signal N.
  public static func run(_ command: String, input: [UInt8]?) throws(SystemError) -> Int {
    let showsTyping = TerminalEcho.isOn
    TerminalEcho.set(true)
    defer { TerminalEcho.set(showsTyping) }
    guard let input else { return try status(of: command, result: unsafe system(command)) }
    // SAFETY: both strings are passed as temporary C strings; the stream is closed once, below.
    guard let stream = unsafe popen(command, "w") else {
      throw SystemError("run", command, code: errno)
    }
    // A command that reads only a part of its input (`head`) is no failure.
    try? OutputFile.write(input, to: unsafe fileno(stream), named: command)
    // SAFETY: the stream came from popen and is used no more.
    return try status(of: command, result: unsafe pclose(stream))
  }

  /// Exit status of a wait status (POSIX `WEXITSTATUS`, `WTERMSIG`).
  private static func status(of command: String, result: Int32) throws(SystemError) -> Int {
    guard result != -1 else { throw SystemError("run", command, code: errno) }
    let signal = result & 0x7f
    return signal == 0 ? Int(result >> 8 & 0xff) : 128 + Int(signal)
  }
}
