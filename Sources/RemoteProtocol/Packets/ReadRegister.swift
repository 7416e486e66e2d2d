/// `p1f`: one register of the selected thread, by its number in the target description.
struct ReadRegister: Request {
  static let packet = "p"
  let number: Int
  let byteCount: Int
  var payload: [UInt8] { Array("p\(String(number, radix: 16))".utf8) }

  /// The bytes in the target's order, or nil: unavailable.
  func answer(_ reply: [UInt8]) throws(ReplyError) -> [UInt8]? {
    try checkError(reply)
    guard reply.count == byteCount * 2, let bytes = decodeAvailable(reply) else {
      throw .malformed("\(reply.count) digits for a register of \(byteCount) bytes")
    }
    let available = bytes.compactMap(\.self)
    return available.count == byteCount ? available : nil
  }
}
