import Binary

/// `g`: the registers of the selected thread, as many as the stub gives at once.
struct ReadRegisters: Request {
  static let packet = "g"
  /// All registers of the description together, in bytes: more is no answer.
  let maximumByteCount: Int
  var payload: [UInt8] { [UInt8(ascii: "g")] }

  /// The bytes; nil for one that is unavailable (`xx`).
  func answer(_ reply: [UInt8]) throws(ReplyError) -> [UInt8?] {
    try checkError(reply)
    guard reply.count.isMultiple(of: 2), reply.count / 2 <= maximumByteCount,
      let bytes = decodeAvailable(reply)
    else { throw .malformed("\(reply.count) digits of registers") }
    return bytes
  }
}

/// Pairs of digits, or of `x` for a byte that is unavailable; nil for anything else.
func decodeAvailable(_ digits: [UInt8]) -> [UInt8?]? {
  guard digits.count.isMultiple(of: 2) else { return nil }
  var bytes: [UInt8?] = []
  bytes.reserveCapacity(digits.count / 2)
  for index in stride(from: 0, to: digits.count, by: 2) {
    if digits[index] == UInt8(ascii: "x"), digits[index + 1] == UInt8(ascii: "x") {
      bytes.append(nil)
    } else if let high = hexDigit(digits[index]), let low = hexDigit(digits[index + 1]) {
      bytes.append(high << 4 | low)
    } else {
      return nil
    }
  }
  return bytes
}
