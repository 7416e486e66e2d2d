import Binary

/// `P1f=0010000000000000`: writes one register of the selected thread.
struct WriteRegister: Request {
  static let packet = "P"
  let number: Int
  /// In the target's order.
  let bytes: [UInt8]
  var payload: [UInt8] { Array("P\(String(number, radix: 16))=".utf8) + Hex.encode(bytes) }
  var isIdempotent: Bool { false }
  func answer(_ reply: [UInt8]) throws(ReplyError) { try expectOK(reply) }
}
