/// `qfThreadInfo` begins the list of threads.
struct FirstThreads: Request {
  static let packet = "qfThreadInfo"
  var payload: [UInt8] { Array(Self.packet.utf8) }

  /// nil: the list has ended.
  func answer(_ reply: [UInt8]) throws(ReplyError) -> [ThreadID]? { try parseThreads(reply) }
}

/// `qsThreadInfo` goes on with it. Not idempotent: each asks for the next part.
struct NextThreads: Request {
  static let packet = "qsThreadInfo"
  var payload: [UInt8] { Array(Self.packet.utf8) }
  var isIdempotent: Bool { false }
  func answer(_ reply: [UInt8]) throws(ReplyError) -> [ThreadID]? { try parseThreads(reply) }
}

/// `mp01.01,p01.02` or `l`.
private func parseThreads(_ reply: [UInt8]) throws(ReplyError) -> [ThreadID]? {
  try checkError(reply)
  if reply == [UInt8(ascii: "l")] { return nil }
  guard reply[0] == UInt8(ascii: "m"), reply.count > 1 else { throw .malformed(excerpt(reply)) }
  var threads: [ThreadID] = []
  for id in reply.dropFirst().split(separator: UInt8(ascii: ",")) {
    guard let thread = ThreadID(parsing: id) else { throw .malformed(excerpt(reply)) }
    threads.append(thread)
  }
  return threads
}
