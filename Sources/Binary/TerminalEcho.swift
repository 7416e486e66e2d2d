import Glibc

/// Whether the user's terminal shows what is typed while no line is edited.
///
/// Off while a command runs: keys typed ahead would stand in the middle of its output. They are kept,
/// and shown in the next line that is edited. Without a terminal nothing happens.
public enum TerminalEcho {
  /// True without a terminal.
  public static var isOn: Bool { settings().map { $0.c_lflag & tcflag_t(ECHO) != 0 } ?? true }

  public static func set(_ isOn: Bool) {
    guard var settings = settings() else { return }
    let flags = isOn ? settings.c_lflag | tcflag_t(ECHO) : settings.c_lflag & ~tcflag_t(ECHO)
    guard flags != settings.c_lflag else { return }
    settings.c_lflag = flags
    // SAFETY: the structure is only read.
    _ = unsafe tcsetattr(StandardStreams.input, TCSANOW, &settings)
  }

  private static func settings() -> termios? {
    var settings = termios()
    // SAFETY: tcgetattr fills the structure that is passed.
    guard unsafe tcgetattr(StandardStreams.input, &settings) == 0 else { return nil }
    return settings
  }
}
