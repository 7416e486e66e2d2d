import Binary
import Testing

@testable import RemoteProtocol

@Suite struct TargetAddressTests {
  private static func serial(
    _ device: String, _ baud: UInt32?, _ change: (inout SerialAddress) -> Void = { _ in }
  ) -> TargetAddress? {
    guard var address = try? SerialAddress(parsing: device) else { return nil }
    address.settings = SerialPort.Settings()
    address.settings.baud = baud
    change(&address)
    return .serial(address)
  }

  static let addresses: [(String, TargetAddress?)] = [
    ("localhost:1234", .tcp(host: "localhost", port: 1234)),
    (":1234", .tcp(host: "localhost", port: 1234)),
    ("tcp::1", .tcp(host: "localhost", port: 1)),
    ("[::1]:65535", .tcp(host: "::1", port: 65_535)),
    ("unix:/tmp/a:b", .unix(path: "/tmp/a:b")),
    ("exec: ssh a 'nc b 1' ", .command("ssh a 'nc b 1'")), ("| cat", .command("cat")),
    ("pty:cat", .terminalCommand("cat")), ("transcript:x", .transcript(path: "x")),
    ("serial:/dev/ttyS0", serial("/dev/ttyS0", 115_200)),
    ("/dev/ttyS0,9600", serial("/dev/ttyS0", 9600)),
    ("serial:/dev/pts/3", serial("/dev/pts/3", nil)),
    (
      "serial:/dev/ttyUSB0@1000000,7e2,rtscts",
      serial("/dev/ttyUSB0", 1_000_000) {
        $0.settings.dataBits = 7
        $0.settings.parity = .even
        $0.settings.stopBits = 2
        $0.settings.flowControl = .rtscts
      }
    ),
    (
      "serial:/dev/ttyAMA0,57600,odd,xonxoff,interrupt=sysrq-g",
      serial("/dev/ttyAMA0", 57_600) {
        $0.settings.parity = .odd
        $0.settings.flowControl = .xonxoff
        $0.interruption = .systemRequest
      }
    ),
  ]

  @Test(arguments: addresses.indices)
  func parses(index: Int) throws {
    let (text, address) = Self.addresses[index]
    let parsed = try TargetAddress(parsing: text)
    #expect(parsed == address)
    // What it prints names the same.
    #expect(try TargetAddress(parsing: parsed.description) == parsed)
  }

  @Test(arguments: [
    ("", TargetAddress.ParseError.empty), ("host", .noPort("host")), ("host:", .noPort("host:")),
    ("host:x", .badPort("x")), ("host:0", .badPort("0")), ("host:65536", .badPort("65536")),
    ("host:-1", .badPort("-1")), ("::1:80", .noPort("::1:80")), ("unix:", .noPath),
    ("transcript:", .noPath), ("exec: ", .noCommand), ("pty:", .noCommand), ("serial:", .noDevice),
    ("serial:@9600", .noDevice), ("serial:/dev/x,", .badSerialOption("")),
    ("serial:/dev/x@fast", .badSerialOption("fast")), ("/dev/x,9n1", .badSerialOption("9n1")),
    ("/dev/x,8x1", .badSerialOption("8x1")), ("/dev/x,49", .badSerialOption("49")),
    ("/dev/x,interrupt=y", .badSerialOption("interrupt=y")),
    ("core:x", .unknownScheme("core")), ("http://x:80", .unknownScheme("http")),
  ])
  func refuses(text: String, error: TargetAddress.ParseError) {
    #expect(throws: error) { try TargetAddress(parsing: text) }
  }
}
