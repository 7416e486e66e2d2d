import Binary
import Machine

/// A packet that the client sends and the answer that belongs to it.
protocol Request: Sendable {
  associatedtype Answer
  /// How its payload begins, as the GDB manual lists it.
  static var packet: String { get }
  var payload: [UInt8] { get }
  /// Whether sending it twice does the same as sending it once.
  var isIdempotent: Bool { get }
  func answer(_ reply: [UInt8]) throws(ReplyError) -> Answer
}

extension Request {
  var isIdempotent: Bool { true }
}

/// Why a reply is no answer.
enum ReplyError: Error, Equatable {
  /// The empty reply: the stub does not know the packet.
  case unsupported
  /// `E14`, `E.text`: the stub's own words.
  case refused(String)
  /// No answer to this request: perhaps another one's.
  case malformed(String)
}

/// Why a request failed.
enum RequestError: Error, Equatable {
  case reply(ReplyError)
  case target(TargetError)

  /// The error in the target's terms; `what` completes "cannot ...".
  func targetError(_ what: String) -> TargetError {
    switch self {
    case .target(let error): error
    case .reply(.unsupported): TargetError(.unsupported, "the stub cannot \(what)")
    case .reply(.refused(let words)): TargetError(.refused, "the stub cannot \(what) (\(words))")
    case .reply(.malformed(let words)):
      TargetError(.refused, "cannot \(what): the stub's reply makes no sense (\(words))")
    }
  }
}

/// The error that `reply` is, for requests whose answers cannot look like one.
func checkError(_ reply: [UInt8]) throws(ReplyError) {
  guard let first = reply.first else { throw .unsupported }
  guard first == UInt8(ascii: "E") else { return }
  let isNumbered = reply.count == 3 && hexNumber(reply.dropFirst()) != nil
  let isWorded = reply.count > 1 && reply[1] == UInt8(ascii: ".")
  if isNumbered { throw .refused(text(reply)) }
  if isWorded { throw .refused(text(reply.dropFirst(2))) }
}

/// Nothing but `OK` is right.
func expectOK(_ reply: [UInt8]) throws(ReplyError) {
  try checkError(reply)
  guard reply == Array("OK".utf8) else { throw .malformed(excerpt(reply)) }
}

/// The beginning of a reply, for messages.
func excerpt(_ reply: [UInt8]) -> String {
  "`" + text(reply.prefix(24)) + (reply.count > 24 ? "..." : "") + "`"
}

/// All requests, one file each.
enum PacketTable {
  static let all: [any Request.Type] = [
    Supported.self, StartNoAckMode.self, WhyStopped.self, ReadFeatures.self, FirstThreads.self,
    NextThreads.self, ThreadExtraInfo.self, SelectThread.self, ResumeActions.self,
    ReadRegisters.self, ReadRegister.self, WriteRegister.self, WriteRegisters.self, ReadMemory.self,
    WriteMemory.self,
    InsertBreakpoint.self, RemoveBreakpoint.self, MonitorCommand.self, GetPhysicalMode.self,
    SetPhysicalMode.self, Detach.self,
  ]
}
