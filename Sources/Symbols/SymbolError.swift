/// Why symbols or types could not be had: which file, and what is wrong there.
public struct SymbolError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Kind: Equatable, Sendable {
    /// The file cannot be read, or is no ELF file of a known architecture.
    case unusableFile
    /// The file is fine but has no debugging information.
    case noDebugInformation
    /// Something in its debugging information is malformed.
    case malformed
    /// Asked for something that kscope does not support yet, named in the message.
    case unsupported
  }

  public let kind: Kind
  /// The file's path as the user gave it.
  public let file: String
  /// The reason, with section and offset where there are any.
  public let reason: String
  /// What the user can try, or nil.
  public let hint: String?

  public init(_ kind: Kind, file: String, reason: String, hint: String? = nil) {
    self.kind = kind
    self.file = file
    self.reason = reason
    self.hint = hint
  }

  public var description: String { "\(file): \(reason)" }
}
