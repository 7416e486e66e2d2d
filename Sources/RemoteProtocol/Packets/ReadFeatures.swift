/// `qXfer:features:read:target.xml:0,ffb`: a part of a target description.
struct ReadFeatures: Request {
  static let packet = "qXfer:features:read"

  let annex: String
  let offset: Int
  let count: Int

  var payload: [UInt8] {
    Array(
      "qXfer:features:read:\(annex):\(String(offset, radix: 16)),\(String(count, radix: 16))".utf8)
  }

  /// The bytes, and whether they are the last ones.
  func answer(_ reply: [UInt8]) throws(ReplyError) -> (bytes: [UInt8], isLast: Bool) {
    try checkError(reply)
    let bytes = Array(reply.dropFirst())
    guard bytes.count <= count else { throw .malformed("\(bytes.count) bytes, asked for \(count)") }
    switch reply[0] {
    case UInt8(ascii: "l"): return (bytes, true)
    case UInt8(ascii: "m"):
      guard !bytes.isEmpty else { throw .malformed("no progress") }
      return (bytes, false)
    default: throw .malformed(excerpt(reply))
    }
  }
}
