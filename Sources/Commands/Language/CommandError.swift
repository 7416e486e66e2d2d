public import Debugger
public import KernelModel
import Machine

/// Why a command failed: one line, and what to try.
public struct CommandError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: Sendable, Equatable {
    /// The words were wrong: unknown command, option or argument.
    case usage
    case failed
    case interrupted
    /// The target is gone.
    case connectionLost
  }

  public let kind: Kind
  public let message: String
  public let hint: String?
  /// What was typed, with a mark below the place that is wrong; nil: the message says enough.
  public let excerpt: String?

  public init(
    _ message: String, hint: String? = nil, kind: Kind = .failed, excerpt: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.hint = hint
    self.excerpt = excerpt
  }

  public static func usage(_ message: String, hint: String? = nil) -> CommandError {
    CommandError(message, hint: hint, kind: .usage)
  }

  public init(_ error: SessionError) {
    self.init(
      error.message, hint: error.hint, kind: error.isConnectionLost ? .connectionLost : .failed)
  }

  init(lost error: TargetError, canReconnect: Bool) {
    let hint =
      canReconnect
      ? "`reconnect` connects to it again" : "start kscope again to look at it again"
    self.init(
      error.message, hint: error.hint ?? hint,
      kind: .connectionLost)
  }

  public init(_ error: KernelError) {
    self.init(
      error.message, hint: error.hint, kind: error.kind == .interrupted ? .interrupted : .failed)
  }

  public var description: String { message }
}
