import CSystem
import Glibc

/// A serial device, or a pseudo-terminal, as a raw line that nobody else may use.
public final class SerialPort {
  public enum Parity: String, Hashable, Sendable, CaseIterable { case none, even, odd, mark, space }
  public enum FlowControl: String, Hashable, Sendable, CaseIterable { case none, rtscts, xonxoff }

  /// How the line is set.
  public struct Settings: Hashable, Sendable {
    /// Bits a second, any number; nil leaves the speed as it is.
    public var baud: UInt32?
    /// 5 to 8.
    public var dataBits = 8
    public var parity = Parity.none
    /// 1 or 2.
    public var stopBits = 1
    public var flowControl = FlowControl.none
    public init() {}
  }

  private let descriptor: PolledDescriptor

  /// Opens the device at `path`. EBUSY: another program has it.
  public init(_ path: String, _ settings: Settings) throws(SystemError) {
    if let holder = Self.holderByLockFile(of: path) { throw Self.busy(path, holder) }
    // Not blocking: without CLOCAL an open waits for a carrier.
    // SAFETY: the path is passed as a temporary C string.
    let number = unsafe open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    guard number >= 0 else {
      throw errno == EBUSY
        ? Self.busy(path, "another program") : SystemError("open", path, code: errno)
    }
    descriptor = PolledDescriptor(adopting: number, isSocket: false)
    guard isatty(number) == 1 else {
      throw SystemError("open", path, code: ENOTTY, words: "it is no serial device")
    }
    guard flock(number, LOCK_EX | LOCK_NB) == 0 else {
      throw errno == EWOULDBLOCK
        ? Self.busy(path, "another program") : SystemError("lock", path, code: errno)
    }
    try configure(path, settings)
  }

  private func configure(_ path: String, _ settings: Settings) throws(SystemError) {
    var wanted = kscope_serial(
      baud: settings.baud ?? 0, dataBits: Int32(settings.dataBits), parity: settings.parity.number,
      stopBits: Int32(settings.stopBits), flow: settings.flowControl.number)
    // SAFETY: the structure is only read during the call.
    let code = unsafe kscope_serial_configure(descriptor.number, &wanted)
    guard code != 0 else { return }
    let words = code == EOPNOTSUPP ? "the device does not take these settings" : nil
    throw SystemError("set up", path, code: code, words: words)
  }

  /// The descriptor's number; negative when closed.
  var number: Int32 { descriptor.number }

  /// For a program that does not expect EAGAIN.
  func makeBlocking() { descriptor.setNonBlocking(false) }

  /// See `SocketStream.read`.
  public func read(
    into buffer: inout [UInt8], deadline: ContinuousClock.Instant?, wake: Int32 = -1
  ) throws(SystemError) -> SocketStream.ReadOutcome {
    try descriptor.read(into: &buffer, deadline: deadline, wake: wake)
  }

  /// See `SocketStream.write`.
  public func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(SystemError) {
    try descriptor.write(bytes, deadline: deadline)
  }

  /// Holds the line at zero for a quarter of a second.
  public func sendBreak() throws(SystemError) {
    let code = kscope_serial_break(descriptor.number)
    guard code == 0 else { throw SystemError("send a BREAK to", "the serial line", code: code) }
  }

  public func close() { descriptor.close() }

  // MARK: Other users

  private static func busy(_ path: String, _ holder: String) -> SystemError {
    SystemError("open", path, code: EBUSY, words: "\(holder) is using it")
  }

  /// The program that a lock file in the style of UUCP names, if it lives: minicom, cu and others
  /// write their process number into `/run/lock/LCK..ttyS0`.
  private static func holderByLockFile(of path: String) -> String? {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let file = try? Bytes(mapping: "/run/lock/LCK..\(name)"),
      let word = String(file).split(whereSeparator: \.isWhitespace).first,
      let id = Int32(word), id > 0, kill(id, 0) == 0 || errno == EPERM
    else { return nil }
    return "process \(id)"
  }
}

extension SerialPort.Parity {
  fileprivate var number: Int32 { Int32(Self.allCases.firstIndex(of: self) ?? 0) }
}

extension SerialPort.FlowControl {
  fileprivate var number: Int32 { Int32(Self.allCases.firstIndex(of: self) ?? 0) }
}
