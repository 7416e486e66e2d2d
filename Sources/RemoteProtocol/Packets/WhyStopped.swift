/// `?` asks why the target stopped.
///
/// To be asked once a connection: QEMU removes all breakpoints when it sees it.
struct WhyStopped: Request {
  static let packet = "?"
  var payload: [UInt8] { [UInt8(ascii: "?")] }

  func answer(_ reply: [UInt8]) throws(ReplyError) -> StopReply {
    try checkError(reply)
    guard let stop = StopReply(parsing: reply) else { throw .malformed(excerpt(reply)) }
    return stop
  }
}
