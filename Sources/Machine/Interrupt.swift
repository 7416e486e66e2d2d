import Binary
import Synchronization

/// The user's wish to stop what is going on: set by Ctrl-C, seen by everything that waits.
///
/// `request()` is async-signal-safe: it stores a flag and writes a byte to a pipe whose read end
/// `descriptor` can be polled beside other descriptors.
public final class Interrupt: Sendable {
  public static let shared = Interrupt()

  private let flag = Atomic<Bool>(false)
  private let pipe = WakePipe()

  public var isRequested: Bool { flag.load(ordering: .acquiring) }
  /// Readable while a request is pending; -1 when no pipe could be made (the flag still works).
  public var descriptor: Int32 { pipe.readEnd }

  public func request() {
    flag.store(true, ordering: .releasing)
    pipe.wake()
  }

  /// Forgets a request; returns whether there was one.
  @discardableResult
  public func clear() -> Bool {
    pipe.drain()
    return flag.exchange(false, ordering: .acquiringAndReleasing)
  }
}
