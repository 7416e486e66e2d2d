/// `qqemu.PhyMemMode`: whether QEMU's `m` packets mean physical addresses.
struct GetPhysicalMode: Request {
  static let packet = "qqemu.PhyMemMode"
  var payload: [UInt8] { Array(Self.packet.utf8) }

  func answer(_ reply: [UInt8]) throws(ReplyError) -> Bool {
    try checkError(reply)
    switch reply {
    case [UInt8(ascii: "0")]: return false
    case [UInt8(ascii: "1")]: return true
    default: throw .malformed(excerpt(reply))
    }
  }
}

/// `Qqemu.PhyMemMode:1`: for all CPUs and all clients, until it is set again.
struct SetPhysicalMode: Request {
  static let packet = "Qqemu.PhyMemMode"
  let isOn: Bool
  var payload: [UInt8] { Array("Qqemu.PhyMemMode:\(isOn ? 1 : 0)".utf8) }
  func answer(_ reply: [UInt8]) throws(ReplyError) { try expectOK(reply) }
}
