import Machine

/// `Z0,40080068,4` (software) or `Z1,...` (hardware).
struct InsertBreakpoint: Request {
  static let packet = "Z"
  let kind: BreakpointKind
  let address: Address
  var payload: [UInt8] { Array("Z\(arguments(kind, address))".utf8) }
  var isIdempotent: Bool { false }
  func answer(_ reply: [UInt8]) throws(ReplyError) { try expectOK(reply) }
}

/// `z0,40080068,4`: removes what the `Z` packet inserted.
struct RemoveBreakpoint: Request {
  static let packet = "z"
  let kind: BreakpointKind
  let address: Address
  var payload: [UInt8] { Array("z\(arguments(kind, address))".utf8) }
  var isIdempotent: Bool { false }
  func answer(_ reply: [UInt8]) throws(ReplyError) { try expectOK(reply) }
}

/// The last number is the kind: 4 is an A64 instruction (GDB manual, "ARM Breakpoint Kinds").
private func arguments(_ kind: BreakpointKind, _ address: Address) -> String {
  "\(kind == .software ? 0 : 1),\(String(address.rawValue, radix: 16)),4"
}
