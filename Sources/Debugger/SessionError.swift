public import Machine

/// Why a request to the session failed, in one line, with what to try.
public struct SessionError: Error, Sendable, CustomStringConvertible {
  public let message: String
  public let hint: String?
  /// The target is gone; nothing live will answer any more.
  public let isConnectionLost: Bool

  public init(_ message: String, hint: String? = nil, isConnectionLost: Bool = false) {
    self.message = message
    self.hint = hint
    self.isConnectionLost = isConnectionLost
  }

  public init(_ error: TargetError) {
    let isLost = error.kind == .connectionLost || error.kind == .exited
    self.init(error.message, hint: error.hint, isConnectionLost: isLost)
  }

  public var description: String { message }
}
