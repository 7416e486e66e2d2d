import Machine

/// Knows other services by what they say first.
enum StubGreeting {
  /// What a service that is no stub looks like, or nil.
  static func service(of bytes: [UInt8]) -> String? {
    let opening = text(bytes.prefix(200))
    if opening.hasPrefix("HTTP/") { return "HTTP" }
    if opening.hasPrefix("SSH-") { return "SSH" }
    if opening.hasPrefix("{\"QMP\"") { return "QMP" }
    if opening.hasPrefix("{") { return "JSON" }
    if opening.hasPrefix("QEMU ") { return "a QEMU monitor" }
    if opening.hasPrefix("RFB ") { return "VNC" }
    if opening.hasPrefix("220 ") || opening.hasPrefix("220-") { return "SMTP or FTP" }
    if opening.hasPrefix("<") { return "HTML or XML" }
    if bytes.first == 0xff { return "telnet" }
    if bytes.starts(with: [0x15, 0x03]) { return "TLS" }
    return nil
  }

  /// The error when `bytes` are no stub's; nil when more may come.
  static func rejection(of bytes: [UInt8], isComplete: Bool, peer: String) -> TargetError? {
    if let service = service(of: bytes) { return notAStub(peer, "looks like \(service)") }
    guard isComplete else { return nil }
    return notAStub(peer, "its first bytes: \(quoted(bytes))")
  }

  /// The error when the other side closed before any packet came.
  static func closed(peer: String, bytes: [UInt8]) -> TargetError {
    if let error = rejection(of: bytes, isComplete: false, peer: peer) { return error }
    return TargetError(
      .cannotConnect, "\(peer) closed the connection before it said anything",
      hint: "is another debugger attached, or has the stub ended?")
  }

  private static func notAStub(_ peer: String, _ what: String) -> TargetError {
    TargetError(
      .cannotConnect, "\(peer) is not a GDB stub (\(what))",
      hint: "use the address given to QEMU's -gdb option")
  }

  private static func quoted(_ bytes: [UInt8]) -> String {
    let shown = bytes.prefix(32).map { byte in
      (0x20..<0x7f).contains(byte) ? String(UnicodeScalar(byte)) : "\\x" + hexPair(byte)
    }
    return "\"" + shown.joined() + (bytes.count > 32 ? "...\"" : "\"")
  }

  private static func hexPair(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
