import Binary
import Machine

/// Opens the transport that an address names.
enum Connection {
  static func open(
    _ address: TargetAddress, deadline: ContinuousClock.Instant
  ) throws(SystemError) -> any Transport {
    switch address {
    case .tcp(let host, let port):
      SocketTransport(try .tcp(host: host, port: port, deadline: deadline))
    case .unix(let path): SocketTransport(try .unix(path: path, deadline: deadline))
    case .serial(let serial): try SerialTransport(serial)
    case .command(let command): try CommandTransport(command, onTerminal: false)
    case .terminalCommand(let command): try CommandTransport(command, onTerminal: true)
    case .transcript(let path): try ReplayTransport(path: path)
    }
  }

  /// The error of a connection that could not be made: what, where, why, what to try.
  static func failure(_ address: TargetAddress, _ error: SystemError) -> TargetError {
    TargetError(
      .cannotConnect, "cannot connect to \(address): \(error.reason)",
      hint: hint(for: address, error.code))
  }

  private static func hint(for address: TargetAddress, _ code: Int32) -> String {
    switch address {
    case .tcp(let host, _) where code == ErrorNumber.timedOut:
      "is \(host) the right machine, and does a firewall let the port through?"
    case .tcp(let host, _) where code == ErrorNumber.noAddress: "is \(host) spelt right?"
    case .tcp(_, let port): "start QEMU with `-gdb tcp::\(port)`"
    case .unix(let path) where code == ErrorNumber.notPermitted: "who owns \(path)?"
    case .unix(let path): "start QEMU with `-gdb unix:\(path),server=on,wait=off`"
    case .serial(let serial): hint(forSerial: serial, code)
    case .command, .terminalCommand: "the command is run by /bin/sh"
    case .transcript: "give a file that `--record` made"
    }
  }

  private static func hint(forSerial serial: SerialAddress, _ code: Int32) -> String {
    switch code {
    case ErrorNumber.busy: "end the other program first"
    case ErrorNumber.notPermitted:
      "devices usually belong to a group: `ls -l \(serial.device)`, then `adduser USER dialout`"
    case ErrorNumber.missing: "is the adapter plugged in? `ls /dev/tty[A-Z]* /dev/serial/by-id`"
    case ErrorNumber.noTerminal: "give a device such as /dev/ttyUSB0 or /dev/pts/3"
    case ErrorNumber.notSupported: "try another speed, or without parity and flow control"
    default: "as in serial:/dev/ttyUSB0@115200,8n1"
    }
  }

  /// Linux (`asm-generic/errno-base.h`, `errno.h`).
  private enum ErrorNumber {
    static let missing: Int32 = 2
    static let noAddress: Int32 = 6
    static let notPermitted: Int32 = 13
    static let busy: Int32 = 16
    static let noTerminal: Int32 = 25
    static let notSupported: Int32 = 95
    static let timedOut: Int32 = 110
  }
}
