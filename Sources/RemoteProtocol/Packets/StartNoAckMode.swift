/// `QStartNoAckMode`: no more acknowledgements, the connection is reliable.
struct StartNoAckMode: Request {
  static let packet = "QStartNoAckMode"
  var payload: [UInt8] { Array(Self.packet.utf8) }
  func answer(_ reply: [UInt8]) throws(ReplyError) { try expectOK(reply) }
}
