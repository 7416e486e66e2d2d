/// `Hgp1.2`: the thread whose registers and memory the next packets mean.
struct SelectThread: Request {
  static let packet = "Hg"
  let thread: ThreadID
  var payload: [UInt8] { Array("Hg\(thread)".utf8) }
  func answer(_ reply: [UInt8]) throws(ReplyError) { try expectOK(reply) }
}
