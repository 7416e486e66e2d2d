public import Machine

/// Why a whole view is not there (a row that fails is a `KernelObject` with a `problem`).
public struct KernelError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Kind: Equatable, Sendable {
    /// The kernel has not set this up yet.
    case notInitialised
    /// This kernel has no such objects, or its plugin does not know them.
    case unsupported
    /// The plugin failed: its own fault, or a limit it ran into.
    case plugin
    /// Memory or symbols failed before there was a single row.
    case target
    case interrupted
  }

  public let kind: Kind
  public let message: String
  public let hint: String?

  public init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  public var description: String { message }
}

/// Saved registers of a thread that does not run, and the space they belong to.
public struct SavedContext: Sendable {
  public let registers: RegisterValues
  /// Id of the space that `pc` and `sp` are addresses of; nil: the kernel's.
  public let space: String?

  public init(registers: RegisterValues, space: String?) {
    self.registers = registers
    self.space = space
  }
}

/// Where a thread's registers are.
public enum ThreadContext: Sendable {
  /// It runs on this CPU now.
  case onCPU(Int)
  case saved(SavedContext)
  case unavailable(String)
}

/// A kernel understood: what a plugin answers, in the model's words.
///
/// Answers are cached until the target runs again.
public protocol Kernel: AnyObject {
  /// The plugin's name: `bramble`.
  var name: String { get }
  /// All objects of a kind, in the order of their ids.
  func objects(of kind: ObjectKind) throws(KernelError) -> [KernelObject]
  /// A thread's registers, for backtraces.
  func context(ofThread id: String) throws(KernelError) -> ThreadContext
  /// The symbol at which the kernel can be looked at after boot, or nil.
  var readySymbol: String? { get }
}
