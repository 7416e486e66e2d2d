import Binary

/// `m40000000,800`: memory as the selected thread sees it.
struct ReadMemory: Request {
  static let packet = "m"
  let address: UInt64
  let count: Int
  var payload: [UInt8] {
    Array("m\(String(address, radix: 16)),\(String(count, radix: 16))".utf8)
  }

  func answer(_ reply: [UInt8]) throws(ReplyError) -> [UInt8] {
    try checkError(reply)
    guard reply.count == count * 2, let bytes = Hex.decode(reply) else {
      throw .malformed("\(reply.count) digits for \(count) bytes of memory")
    }
    return bytes
  }
}
