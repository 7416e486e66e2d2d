/// How kscope ends; stable, scripts rely on it.
struct ExitStatus: Equatable, RawRepresentable, Sendable {
  let rawValue: Int32

  static let success = ExitStatus(rawValue: 0)
  /// A command failed.
  static let failure = ExitStatus(rawValue: 1)
  static let usage = ExitStatus(rawValue: 2)
  static let cannotConnect = ExitStatus(rawValue: 3)
  /// The images are not those of the target.
  static let mismatch = ExitStatus(rawValue: 4)
  static let interrupted = ExitStatus(rawValue: 130)
}

/// Why kscope ends before its commands run, in one line.
struct StartError: Error {
  let status: ExitStatus
  let message: String
  let hint: String?

  init(_ status: ExitStatus, _ message: String, hint: String? = nil) {
    self.status = status
    self.message = message
    self.hint = hint
  }
}
