/// A processor of the target, as its stub or dump counts them, from 0.
public struct CPU: Hashable, Sendable {
  public let id: Int
  /// What the stub says of it (`CPU#0 [halted ]`), unescaped; empty when it says nothing.
  public let detail: String

  public init(id: Int, detail: String = "") {
    self.id = id
    self.detail = detail
  }
}

/// Why a target could not do what was asked: what was tried, and the reason in words.
public struct TargetError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Kind: Equatable, Sendable {
    /// Nobody answers there, or what answers is no target.
    case cannotConnect
    /// The connection was there and is gone.
    case connectionLost
    /// The target answered with an error.
    case refused
    /// No answer in time.
    case timedOut
    /// The user interrupted.
    case interrupted
    /// This target cannot do that at all.
    case unsupported
    /// The guest or the stub has ended; there is nothing to look at any more.
    case exited
  }

  public let kind: Kind
  /// One line without a full stop: what, where, why.
  public let message: String
  /// What the user can try, or nil.
  public let hint: String?

  public init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  public var description: String { message }
}

/// Something that can be looked at: a machine behind a stub, or a dump.
///
/// A target belongs to one thread. Optional abilities are reached through optionals; their absence is
/// how a dump differs from a machine.
public protocol Target: AnyObject {
  /// One phrase for prompts and reports: `QEMU at unix:/tmp/x`, `dump crash.elf`. Not escaped.
  var summary: String { get }
  var architecture: Architecture { get }
  /// Why nothing more can be had from it: the connection is lost, the guest has ended; nil: all is well.
  var loss: TargetError? { get }
  /// All CPUs, sorted by id.
  func cpus() throws(TargetError) -> [CPU]
  /// The general registers (`architecture.registers`), valid while the target stays stopped.
  func registers(of cpu: Int) throws(TargetError) -> RegisterValues
  /// Any other register by lower-case name (`ttbr0_el1`), or nil: the target does not have it.
  func register(_ name: String, of cpu: Int) throws(TargetError) -> UInt64?
  /// All register names that `register(_:of:)` may know, general ones first, with their groups.
  var registerDescriptions: [Register] { get }
  /// Virtual memory as this CPU sees it now, or nil (a dump).
  func memory(of cpu: Int) -> (any MemoryReader)?
  var physicalMemory: (any PhysicalMemory)? { get }
  var execution: (any Execution)? { get }
  var breakpoints: (any BreakpointControl)? { get }
  var monitor: (any Monitor)? { get }
  /// How the target is reached and what that has cost; nil: without any line (a dump).
  var link: LinkReport? { get }
  /// Registers that were read at the last stop, by CPU, also when the target is gone; nothing is
  /// asked for. Stale: for comparison only.
  var lastKnownRegisters: [Int: RegisterValues] { get }
  /// Ends the use of the target. A live one that was found running goes on running; breakpoints are gone.
  func close()
}

/// How a stopped machine goes on.
public enum Resumption: Equatable, Sendable {
  /// All CPUs run.
  case run
  /// One CPU executes one instruction, the others wait.
  case step(cpu: Int)
}

/// Why a machine stopped.
public struct StopReason: Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    /// A breakpoint, or the end of a step.
    case trap
    /// A watchpoint, at this data address.
    case watch(Address)
    /// By the user's wish.
    case interrupt
    /// Another signal, by GDB's number (GDB manual, `include/gdb/signals.def`).
    case signal(Int)
    /// The machine has ended, with this status.
    case exited(Int)
  }

  public let kind: Kind
  /// The CPU it happened on.
  public let cpu: Int

  public init(_ kind: Kind, cpu: Int) {
    self.kind = kind
    self.cpu = cpu
  }
}

/// Running and stopping, for live targets.
public protocol Execution: AnyObject {
  var isRunning: Bool { get }
  /// Lets the machine go; returns at once.
  func resume(_ how: Resumption) throws(TargetError)
  /// Waits for a stop; nil when `seconds` passed (the machine still runs). nil waits for ever.
  /// The user's interrupt (see `Interrupt`) stops the machine and is a normal stop.
  func waitForStop(seconds: Double?) throws(TargetError) -> StopReason?
  /// Asks a running machine to stop; `waitForStop` then returns.
  func interrupt() throws(TargetError)
  /// Called after the target was stopped again: whatever was cached is stale. Increases at each stop.
  var stopCount: Int { get }
  /// Whether the machine ran when kscope came (it is left running then).
  var wasRunningAtAttach: Bool { get }
  /// Writes a general register of a stopped CPU.
  func writeRegister(_ name: String, value: UInt64, of cpu: Int) throws(TargetError)
}

public enum BreakpointKind: Equatable, Sendable { case software, hardware }

/// Breakpoints in the target, by virtual address.
public protocol BreakpointControl: AnyObject {
  func insert(_ kind: BreakpointKind, at address: Address) throws(TargetError)
  func remove(_ kind: BreakpointKind, at address: Address) throws(TargetError)
}

/// The stub's own command line (`qRcmd`): QEMU's monitor.
public protocol Monitor: AnyObject {
  /// The answer's text, unescaped.
  func command(_ line: String) throws(TargetError) -> String
}

extension Target {
  public var loss: TargetError? { nil }
  public var link: LinkReport? { nil }
  public var lastKnownRegisters: [Int: RegisterValues] { [:] }
}
