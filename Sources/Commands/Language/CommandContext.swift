public import Debugger
public import KernelModel
public import Machine

/// What commands work on, and what they remember from one line to the next. Belongs to one thread.
public final class CommandContext {
  public let session: Session
  /// nil when no plugin knows this kernel; `kernelProblem` says why.
  public var kernel: (any Kernel)?
  public var kernelProblem: String?
  /// The guest's serial port, when kscope started the guest.
  public var console: (any GuestConsole)?
  /// All commands, for `help`.
  public let table: CommandTable
  public var terminal: Terminal
  /// Where long-running commands put text before they end (`console -f`).
  public var showNow: (Report) -> Void = { _ in }
  /// Connects to the target again; nil: it cannot be had again.
  public var reopen: (() throws(SessionError) -> any Target)?
  /// Set by commands that end the session.
  public var ending: Ending?
  /// Whether kscope started the guest, so that `kill` is its to use.
  public var ownsGuest = false

  public enum Ending: Sendable, Equatable { case quit, kill }

  var examination: Examination?
  var listing: ListingPosition?
  var sourceMaps: [(from: String, to: String)] = []

  public init(session: Session, table: CommandTable = .standard, terminal: Terminal = Terminal()) {
    self.session = session
    self.table = table
    self.terminal = terminal
  }

  /// The kernel, or an error that says why there is none.
  public func requireKernel() throws(CommandError) -> any Kernel {
    if let kernel { return kernel }
    throw CommandError(
      kernelProblem ?? "no kernel plugin is loaded",
      hint: "give the kernel's ELF file with -k, or a plugin with --plugin")
  }

  public func objects(_ kind: ObjectKind) throws(CommandError) -> [KernelObject] {
    let kernel = try requireKernel()
    do { return try kernel.objects(of: kind) } catch { throw CommandError(error) }
  }

  /// The object of this id, or an error that lists some that exist.
  public func object(_ kind: ObjectKind, _ id: String) throws(CommandError) -> KernelObject {
    let all = try objects(kind)
    if let object = all.first(where: { $0.id == id }) { return object }
    let some = all.prefix(8).map(\.id).joined(separator: ", ")
    throw CommandError(
      "there is no \(kind.rawValue) '\(id)'",
      hint: all.isEmpty ? nil : "there are: \(some)\(all.count > 8 ? ", ..." : "")")
  }

  public var consistency: Consistency {
    guard let execution = session.target.execution else { return .dump }
    return execution.isRunning ? .running : .halted
  }

  /// The selection, or why there is none.
  public func selection() throws(CommandError) -> Selection {
    do { return try session.selection() } catch { throw CommandError(error) }
  }
}

/// What the guest wrote to its serial port so far.
public protocol GuestConsole: AnyObject {
  /// Everything from `offset` on, or nothing; at most some megabytes at a time.
  func bytes(from offset: Int) throws(CommandError) -> [UInt8]
  var path: String { get }
}
