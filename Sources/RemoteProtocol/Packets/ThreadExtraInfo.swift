import Binary

/// `qThreadExtraInfo,p1.1`: what the stub says of a thread, in hex (`CPU#0 [halted ]`).
struct ThreadExtraInfo: Request {
  static let packet = "qThreadExtraInfo"
  let thread: ThreadID
  var payload: [UInt8] { Array("qThreadExtraInfo,\(thread)".utf8) }

  func answer(_ reply: [UInt8]) throws(ReplyError) -> String {
    try checkError(reply)
    guard let bytes = Hex.decode(reply) else { throw .malformed(excerpt(reply)) }
    return text(bytes.prefix(256))
  }
}
