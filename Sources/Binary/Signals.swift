import Glibc
import Synchronization

/// Signals that end or interrupt the process, turned into a flag and a call.
public enum Signals {
  private static let interrupts = Atomic<Int>(0)
  private static let terminating = Atomic<Int32>(0)
  // SAFETY: written once, before the handlers that read it are connected.
  nonisolated(unsafe) private static var interrupt: @Sendable () -> Void = {}

  /// How often the user pressed Ctrl-C, or something else sent SIGINT.
  public static var interruptCount: Int { interrupts.load(ordering: .acquiring) }

  /// The signal that asked the process to end (hang-up, terminate), or nil.
  public static var termination: Int32? {
    let number = terminating.load(ordering: .acquiring)
    return number == 0 ? nil : number
  }

  /// Some programs start their children with signals blocked.
  private static func unblock(_ signals: [Int32]) {
    var set = sigset_t()
    // SAFETY: the set is a local variable that outlives the calls.
    unsafe sigemptyset(&set)
    for signal in signals { unsafe sigaddset(&set, signal) }
    unsafe sigprocmask(SIG_UNBLOCK, &set, nil)
  }

  /// A write to a pipe that nobody reads fails, instead of ending the process; children that are
  /// started keep the default.
  public static func surviveClosedPipes() { signal(SIGPIPE) { _ in } }

  /// Calls `interrupt` (which must be async-signal-safe) on SIGINT, SIGTERM and SIGHUP; the last two
  /// are also remembered; see `surviveClosedPipes` too. To be called once, at the start.
  public static func install(interrupt: @escaping @Sendable () -> Void) {
    // SAFETY: no handler is connected yet.
    unsafe Signals.interrupt = interrupt
    surviveClosedPipes()
    unblock([SIGINT, SIGTERM, SIGHUP, SIGPIPE])
    signal(SIGINT) { _ in
      Signals.interrupts.add(1, ordering: .releasing)
      // SAFETY: never written again.
      unsafe Signals.interrupt()
    }
    for number in [SIGTERM, SIGHUP] {
      signal(number) { number in
        Signals.terminating.store(number, ordering: .releasing)
        // SAFETY: never written again.
        unsafe Signals.interrupt()
      }
    }
  }
}

extension StandardStreams {
  /// Ends the process.
  public static func end(status: Int32) -> Never { exit(status) }
}
