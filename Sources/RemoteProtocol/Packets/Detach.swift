/// `D;1`, or `D` from a stub without processes: the target goes on without a debugger.
struct Detach: Request {
  static let packet = "D"
  let process: UInt64?
  var payload: [UInt8] {
    guard let process else { return [UInt8(ascii: "D")] }
    return Array("D;\(String(process, radix: 16))".utf8)
  }
  var isIdempotent: Bool { false }
  func answer(_ reply: [UInt8]) throws(ReplyError) { try expectOK(reply) }
}
