import Binary

/// `G0100...`: writes the registers of the selected thread, laid out as `g` gives them.
struct WriteRegisters: Request {
  static let packet = "G"
  /// nil for a byte that is unavailable.
  let bytes: [UInt8?]
  var payload: [UInt8] {
    [UInt8(ascii: "G")]
      + bytes.flatMap { byte in
        guard let byte else { return Array("xx".utf8) }
        return Hex.encode([byte])
      }
  }
  var isIdempotent: Bool { false }
  func answer(_ reply: [UInt8]) throws(ReplyError) { try expectOK(reply) }
}
