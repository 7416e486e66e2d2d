import Glibc

/// Waiting for nothing in particular.
public enum Pause {
  /// Sleeps; a signal may end it early.
  public static func milliseconds(_ count: UInt32) { usleep(count &* 1000) }
}
