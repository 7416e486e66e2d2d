import Machine

/// Where a stub is, and how it is reached.
public enum TargetAddress: Hashable, Sendable, CustomStringConvertible {
  case tcp(host: String, port: UInt16)
  case unix(path: String)
  case serial(SerialAddress)
  /// A shell command whose input and output are the connection.
  case command(String)
  /// The same, on a pseudo-terminal.
  case terminalCommand(String)
  /// A recorded session.
  case transcript(path: String)

  /// Why a text names no stub.
  public enum ParseError: Error, Equatable, Sendable, CustomStringConvertible {
    case empty
    case noPort(String)
    case badPort(String)
    case noPath
    case noDevice
    case badSerialOption(String)
    case noCommand
    case unknownScheme(String)

    public var description: String {
      switch self {
      case .empty: "no target given (\(Self.kinds))"
      case .noPort(let text): "no port in \"\(text)\" (\(Self.kinds))"
      case .badPort(let text): "bad port \"\(text)\" (1 to 65535)"
      case .noPath: "no path after the colon"
      case .noDevice: "no device after serial: (as in serial:/dev/ttyUSB0@115200)"
      case .badSerialOption(let option):
        "bad serial option \"\(option)\" (a speed, 8n1, none, even, odd, mark, space, rtscts, "
          + "xonxoff, interrupt=ctrl-c, interrupt=break, interrupt=sysrq-g)"
      case .noCommand: "no command (as in exec:'ssh board nc localhost 1234')"
      case .unknownScheme(let scheme): "unknown kind of target \"\(scheme):\" (\(Self.kinds))"
      }
    }

    private static let kinds =
      "host:port, :port, unix:PATH, serial:DEVICE, exec:COMMAND, pty:COMMAND or transcript:FILE"
  }

  /// Parses `host:port`, `:port` (this machine), `[IPv6]:port`, `tcp:host:port`, `unix:PATH`,
  /// `serial:DEVICE[@BAUD][,OPTION]...`, `/dev/NAME...` (serial too), `exec:COMMAND`, `| COMMAND`,
  /// `pty:COMMAND` or `transcript:FILE`.
  public init(parsing text: String) throws(ParseError) {
    guard !text.isEmpty else { throw .empty }
    if let path = text.dropping("unix:") {
      self = .unix(path: try Self.nonEmpty(path, .noPath))
    } else if let path = text.dropping("transcript:") {
      self = .transcript(path: try Self.nonEmpty(path, .noPath))
    } else if let serial = text.dropping("serial:") {
      self = .serial(try SerialAddress(parsing: serial))
    } else if text.hasPrefix("/dev/") {
      self = .serial(try SerialAddress(parsing: text))
    } else if let command = text.dropping("exec:") ?? text.dropping("|") {
      self = .command(try Self.nonEmpty(command.trimmingBlanks, .noCommand))
    } else if let command = text.dropping("pty:") {
      self = .terminalCommand(try Self.nonEmpty(command.trimmingBlanks, .noCommand))
    } else {
      try self.init(parsingTCP: text)
    }
  }

  private static func nonEmpty(
    _ text: String, _ error: ParseError
  ) throws(ParseError) -> String {
    guard !text.isEmpty else { throw error }
    return text
  }

  private init(parsingTCP text: String) throws(ParseError) {
    let rest = text.dropping("tcp:") ?? text
    for scheme in ["core", "udp", "http", "https", "file"] where rest.hasPrefix(scheme + ":") {
      throw .unknownScheme(scheme)
    }
    guard let colon = rest.lastIndex(of: ":") else { throw .noPort(text) }
    let digits = rest[rest.index(after: colon)...]
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits),
      port > 0
    else { throw digits.isEmpty ? .noPort(text) : .badPort(String(digits)) }
    var host = String(rest[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      throw .noPort(text)
    }
    self = .tcp(host: host.isEmpty ? "localhost" : host, port: port)
  }

  public var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    case .serial(let address): "serial:\(address)"
    case .command(let command): "exec:\(command)"
    case .terminalCommand(let command): "pty:\(command)"
    case .transcript(let path): "transcript:\(path)"
    }
  }
}

extension String {
  func dropping(_ prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }

  fileprivate var trimmingBlanks: String {
    let start = drop { $0 == " " }
    return String(start.reversed().drop { $0 == " " }.reversed())
  }
}
