import Machine

/// `vCont?`: which ways to resume there are (`vCont;c;C;s;S`).
struct ResumeActions: Request {
  static let packet = "vCont?"
  var payload: [UInt8] { Array(Self.packet.utf8) }

  func answer(_ reply: [UInt8]) throws(ReplyError) -> Set<String> {
    try checkError(reply)
    let parts = text(reply).split(separator: ";").map(String.init)
    guard parts.first == "vCont" else { throw .malformed(excerpt(reply)) }
    return Set(parts.dropFirst())
  }
}

/// `vCont;c`, `vCont;s:p1.2`, or `c` and `s` for stubs without. It is answered by the next stop,
/// and never sent twice: a step is not idempotent.
struct Resume {
  let how: Resumption
  let thread: ThreadID?
  let hasActions: Bool

  var payload: [UInt8] {
    switch how {
    case .run: return Array((hasActions ? "vCont;c" : "c").utf8)
    case .step:
      guard hasActions, let thread else { return Array("s".utf8) }
      return Array("vCont;s:\(thread)".utf8)
    }
  }
}
