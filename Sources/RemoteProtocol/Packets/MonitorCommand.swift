import Binary

/// `qRcmd,696e666f`: a line for the stub's own command line. The text comes in `O` packets before
/// the final reply.
struct MonitorCommand: Request {
  static let packet = "qRcmd"
  let line: String
  var payload: [UInt8] { Array("qRcmd,".utf8) + Hex.encode(line.utf8) }
  var isIdempotent: Bool { false }

  /// What the final reply itself carries: some stubs send their text there.
  func answer(_ reply: [UInt8]) throws(ReplyError) -> [UInt8] {
    try checkError(reply)
    if reply == Array("OK".utf8) { return [] }
    guard let bytes = Hex.decode(reply) else { throw .malformed(excerpt(reply)) }
    return bytes
  }
}

/// `O48690a`: text for the console.
enum ConsoleOutput {
  /// The text's bytes, or nil: another packet (`OK` too).
  static func decode(_ payload: [UInt8]) -> [UInt8]? {
    guard payload.first == UInt8(ascii: "O") else { return nil }
    return Hex.decode(payload.dropFirst())
  }
}
