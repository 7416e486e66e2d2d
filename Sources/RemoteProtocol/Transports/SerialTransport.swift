import Binary
import Machine

/// A serial line, or a pseudo-terminal that stands for one.
final class SerialTransport: Transport {
  private let port: SerialPort
  private let interruption: SerialAddress.Interruption

  init(_ address: SerialAddress) throws(SystemError) {
    port = try SerialPort(address.device, address.settings)
    interruption = address.interruption
    secondsPerByte = address.settings.baud.map { 10 / Double($0) } ?? 0
  }

  /// Even a pseudo-terminal: what is behind it is not known.
  var isReliable: Bool { false }
  /// Ten bits a byte.
  let secondsPerByte: Double

  func read(
    into buffer: inout [UInt8], deadline: ContinuousClock.Instant?, isInterruptible: Bool
  ) throws(SystemError) -> SocketStream.ReadOutcome {
    try port.read(
      into: &buffer, deadline: deadline,
      wake: isInterruptible ? Interrupt.shared.descriptor : -1)
  }

  func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(SystemError) {
    try port.write(bytes, deadline: deadline)
  }

  func sendBreak(deadline: ContinuousClock.Instant) throws(SystemError) {
    switch interruption {
    case .byte: try port.write(PacketEncoder.breakIn, deadline: deadline)
    case .signal: try port.sendBreak()
    case .systemRequest:
      // Linux: a BREAK makes the next character a SysRq command, `g` enters kgdb.
      try port.sendBreak()
      try port.write([UInt8(ascii: "g")], deadline: deadline)
    }
  }

  func close() { port.close() }
}
