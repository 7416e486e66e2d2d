import Binary

/// `M40000000,4:1f2003d5`: writes memory as the selected thread sees it.
struct WriteMemory: Request {
  static let packet = "M"
  let address: UInt64
  let bytes: [UInt8]
  var payload: [UInt8] {
    Array("M\(String(address, radix: 16)),\(String(bytes.count, radix: 16)):".utf8)
      + Hex.encode(bytes)
  }
  var isIdempotent: Bool { false }
  func answer(_ reply: [UInt8]) throws(ReplyError) { try expectOK(reply) }
}
