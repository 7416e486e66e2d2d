import Binary
import Machine

/// A command of the user's that talks like a stub, or passes on what a stub says; it ends with the
/// session.
final class CommandTransport: Transport {
  private enum Line {
    case pipe(SocketStream)
    case terminal(PseudoTerminal)
  }

  private let line: Line
  private let child: ChildProcess

  /// Through the command's standard input and output, or through a pseudo-terminal.
  init(_ command: String, onTerminal: Bool) throws(SystemError) {
    guard onTerminal else {
      let (child, stream) = try ChildProcess.talking(command)
      self.child = child
      line = .pipe(stream)
      return
    }
    let terminal = try PseudoTerminal()
    let port = try SerialPort(terminal.path, SerialPort.Settings())
    child = try ChildProcess.talking(command, on: port)
    port.close()
    line = .terminal(terminal)
  }

  func read(
    into buffer: inout [UInt8], deadline: ContinuousClock.Instant?, isInterruptible: Bool
  ) throws(SystemError) -> SocketStream.ReadOutcome {
    let wake = isInterruptible ? Interrupt.shared.descriptor : -1
    let outcome =
      switch line {
      case .pipe(let stream): try stream.read(into: &buffer, deadline: deadline, wake: wake)
      case .terminal(let end): try end.read(into: &buffer, deadline: deadline, wake: wake)
      }
    if outcome == .ended, let status = lastStatus {
      throw SystemError(
        "read from", "the command", code: EndOfCommand.code,
        words: "the command has ended with status \(status)")
    }
    return outcome
  }

  private enum EndOfCommand { static let code: Int32 = 32 }

  /// Its output ends a moment before the command itself.
  private var lastStatus: Int? {
    for _ in 0..<50 where !child.hasExited { Pause.milliseconds(2) }
    return child.exitStatus
  }

  func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(SystemError) {
    switch line {
    case .pipe(let stream): try stream.write(bytes, deadline: deadline)
    case .terminal(let end): try end.write(bytes, deadline: deadline)
    }
  }

  func close() {
    switch line {
    case .pipe(let stream): stream.close()
    case .terminal(let end): end.close()
    }
    child.terminate()
  }
}
