import Binary
import Machine
import Testing

@testable import RemoteProtocol

/// Every way to a stub carries all 256 bytes both ways and says clearly when it cannot.
@Suite struct TransportTests {
  static let everyByte = (0...255).map { UInt8($0) }

  private func receive(
    _ count: Int, _ read: (inout [UInt8], ContinuousClock.Instant) throws -> Void
  ) throws -> [UInt8] {
    var bytes: [UInt8] = []
    let end = ContinuousClock.now + .seconds(5)
    while bytes.count < count, ContinuousClock.now < end { try read(&bytes, end) }
    return bytes
  }

  private func receive(_ count: Int, _ transport: any Transport) throws -> [UInt8] {
    try receive(count) { buffer, end in
      _ = try transport.read(into: &buffer, deadline: end, isInterruptible: false)
    }
  }

  @Test(arguments: ["", ",115200", ",31250,rtscts", ",7e2"])
  func serialLinesCarryEveryByte(options: String) throws {
    let terminal = try PseudoTerminal()
    // A pseudo-terminal takes any speed; parity and frame it may refuse.
    guard let address = try? TargetAddress(parsing: "serial:" + terminal.path + options),
      case .serial(let serial) = address,
      let line = try? SerialTransport(serial)
    else {
      #expect(options == ",7e2")
      return
    }
    defer { line.close() }
    #expect(!line.isReliable)
    let end = ContinuousClock.now + .seconds(5)
    try line.write(Self.everyByte, deadline: end)
    let sent = try receive(256) { _ = try terminal.read(into: &$0, deadline: $1) }
    #expect(sent == Self.everyByte)
    try terminal.write(Self.everyByte, deadline: end)
    #expect(try receive(256, line) == Self.everyByte)
  }

  @Test func aSerialLineHasOneUser() throws {
    let terminal = try PseudoTerminal()
    let first = try SerialPort(terminal.path, SerialPort.Settings())
    let address = try TargetAddress(parsing: "serial:" + terminal.path)
    #expect(
      throws: TargetError(
        .cannotConnect,
        "cannot connect to serial:\(terminal.path): another program is using it",
        hint: "end the other program first")
    ) { try RemoteTarget.connect(address) }
    first.close()
    _ = try SerialPort(terminal.path, SerialPort.Settings())
  }

  @Test func aBreakIsAByteOrASignal() throws {
    let terminal = try PseudoTerminal()
    for (how, bytes) in [("ctrl-c", [3]), ("break", []), ("sysrq-g", [0x67])] as [(String, [UInt8])]
    {
      let line = try SerialTransport(
        SerialAddress(parsing: terminal.path + ",interrupt=" + how))
      try line.sendBreak(deadline: .now + .seconds(1))
      var seen: [UInt8] = []
      _ = try terminal.read(into: &seen, deadline: .now + .milliseconds(50))
      #expect(seen == bytes, "\(how)")
      line.close()
    }
  }

  @Test func aTerminalThatGoesIsTheEnd() throws {
    let terminal = try PseudoTerminal()
    let line = try SerialTransport(SerialAddress(parsing: terminal.path))
    terminal.close()
    var bytes: [UInt8] = []
    #expect(
      try line.read(into: &bytes, deadline: .now + .seconds(1), isInterruptible: false) == .ended)
  }

  @Test(arguments: [false, true])
  func commandsCarryBytesAndEnd(onTerminal: Bool) throws {
    let command = try CommandTransport("cat", onTerminal: onTerminal)
    try command.write(Self.everyByte, deadline: .now + .seconds(5))
    #expect(try receive(256, command) == Self.everyByte)
    command.close()

    let ended = try CommandTransport("printf ab; exit 3", onTerminal: onTerminal)
    #expect(try receive(2, ended) == [0x61, 0x62])
    var rest: [UInt8] = []
    #expect {
      try ended.read(into: &rest, deadline: .now + .seconds(5), isInterruptible: false)
    } throws: {
      ($0 as? SystemError)?.reason == "the command has ended with status 3"
    }
  }

  @Test(arguments: [
    ("serial:/dev/kscope-nothing@9600", "No such file or directory", "is the adapter plugged in?"),
    ("serial:/dev/null@9600", "it is no serial device", "give a device such as"),
    ("transcript:/nonexistent", "No such file or directory", "--record"),
    ("unix:/nonexistent", "No such file or directory", "start QEMU with `-gdb unix:/nonexistent"),
    ("localhost:1", "Connection refused", "start QEMU with `-gdb tcp::1`"),
    ("host.invalid:1", "", "is host.invalid spelt right?"),
  ])
  func whatCannotBeReachedIsSaid(target: String, why: String, hint: String) throws {
    let address = try TargetAddress(parsing: target)
    #expect { try RemoteTarget.connect(address) } throws: { error in
      guard let error = error as? TargetError else { return false }
      return error.kind == .cannotConnect && error.hint?.contains(hint) == true
        && error.message.hasPrefix("cannot connect to \(target): \(why)")
    }
  }
}
