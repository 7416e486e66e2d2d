import Machine

/// Where a stub listens.
public enum TargetAddress: Hashable, Sendable, CustomStringConvertible {
  case tcp(host: String, port: UInt16)
  case unix(path: String)

  /// Why a text names no stub.
  public enum ParseError: Error, Equatable, Sendable, CustomStringConvertible {
    case empty
    case noPort(String)
    case badPort(String)
    case noPath
    case unknownScheme(String)

    public var description: String {
      switch self {
      case .empty: "no target given (host:port, :port or unix:PATH)"
      case .noPort(let text): "no port in \"\(text)\" (host:port, :port or unix:PATH)"
      case .badPort(let text): "bad port \"\(text)\" (1 to 65535)"
      case .noPath: "no path after unix:"
      case .unknownScheme(let scheme): "unknown kind of target \"\(scheme):\" (tcp: or unix:)"
      }
    }
  }

  /// Parses `host:port`, `:port` (this machine), `[IPv6]:port`, `tcp:host:port` or `unix:PATH`.
  public init(parsing text: String) throws(ParseError) {
    guard !text.isEmpty else { throw .empty }
    if let path = text.dropping("unix:") {
      guard !path.isEmpty else { throw .noPath }
      self = .unix(path: path)
      return
    }
    let rest = text.dropping("tcp:") ?? text
    for scheme in ["serial", "exec", "core", "transcript", "udp", "http", "https"]
    where rest.hasPrefix(scheme + ":") {
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
    }
  }
}

extension String {
  fileprivate func dropping(_ prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
