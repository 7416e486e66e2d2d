public import Expressions
public import Machine
public import Symbols
public import Unwinder

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

  public var description: String { message }
}

/// An address with the best name for it.
public struct SymbolicAddress: Sendable {
  public let address: Address
  /// The image's name, or nil: in no image.
  public let image: String?
  /// The innermost function (inlined ones included), or nil.
  public let function: String?
  /// Bytes from the function's entry.
  public let offset: UInt64
  public let source: SourceLocation?
  /// Inlined calls at the address, innermost first; `function` is the first one's name when there are any.
  public let inlined: [InlinedCall]
  /// The function that has the code, around the inlined ones.
  public let container: String?

  public init(
    address: Address, image: String? = nil, function: String? = nil, offset: UInt64 = 0,
    source: SourceLocation? = nil, inlined: [InlinedCall] = [], container: String? = nil
  ) {
    self.address = address
    self.image = image
    self.function = function
    self.offset = offset
    self.source = source
    self.inlined = inlined
    self.container = container
  }
}

/// What is being looked at: a CPU, or a kernel thread that does not run.
public struct Selection: Sendable {
  public enum Subject: Equatable, Sendable {
    case cpu(Int)
    /// A kernel thread by its id; its saved registers stand in `registers`.
    case thread(String)
  }

  public let subject: Subject
  public let registers: RegisterValues
  public let space: AddressSpace

  public init(subject: Subject, registers: RegisterValues, space: AddressSpace) {
    self.subject = subject
    self.registers = registers
    self.space = space
  }
}

/// A breakpoint that the user asked for.
public struct Breakpoint: Sendable {
  public let number: Int
  public let address: Address
  /// What the user typed.
  public let specification: String
  public let isTemporary: Bool
  public let kind: BreakpointKind
  public var hitCount: Int
}

/// A target with its images: everything a debugger does, without any user interface.
///
/// Belongs to one thread.
public final class Session {
  public let target: any Target
  public private(set) var images: [LoadedImage] = []
  /// Set by the kernel plugin.
  public var knowledge: (any KernelKnowledge)?

  public init(target: any Target) { self.target = target }

  // MARK: Images

  /// Adds an image; `space` is `kernel`, a space id, or nil: decided by the plugin or the addresses.
  public func add(_ image: Image, space: String?) {}
  /// The image that has this address in this space.
  public func image(at address: Address, in space: AddressSpace) -> LoadedImage? { nil }

  // MARK: Memory

  /// Memory of a space; reads go through kscope's own page-table walk where physical memory can be read.
  public func memory(in space: AddressSpace) -> any MemoryReader { fatalError("not written yet") }
  /// The space that a CPU's lower half is in now.
  public func space(ofCPU cpu: Int) throws(SessionError) -> AddressSpace { .kernel }

  // MARK: Selection, frames

  /// The CPU or thread that commands look at. After each stop: the CPU that stopped.
  public func selection() throws(SessionError) -> Selection {
    throw SessionError("not written yet")
  }
  public func select(_ selection: Selection) {}
  /// Index into the frames of the selection's backtrace.
  public var selectedFrame = 0
  public func backtrace(of selection: Selection, limit: Int) -> Backtrace {
    Backtrace(frames: [], end: .bottom)
  }
  public func describe(_ address: Address, in space: AddressSpace) -> SymbolicAddress {
    SymbolicAddress(address: address)
  }

  // MARK: Expressions

  /// Names and registers as the selected frame sees them.
  public func evaluationContext() -> any EvaluationContext { fatalError("not written yet") }
  /// Names of the kernel image first, without any frame: what plugins evaluate in.
  public func kernelContext() -> any EvaluationContext { fatalError("not written yet") }

  // MARK: Execution

  public private(set) var breakpoints: [Breakpoint] = []
  /// `function`, `file:line`, or `*ADDRESS`, in any image; several places of one line are several breakpoints.
  public func addBreakpoint(
    _ specification: String, isTemporary: Bool, kind: BreakpointKind
  ) throws(SessionError) -> [Breakpoint] { [] }
  public func removeBreakpoint(_ number: Int) throws(SessionError) {}
  /// Lets the target run until it stops; nil: `seconds` passed and it was stopped by us.
  public func resume(seconds: Double?) throws(SessionError) -> Stop { throw SessionError("") }
  /// One instruction on the selected CPU, over calls when `over`.
  public func stepInstruction(over: Bool) throws(SessionError) -> Stop { throw SessionError("") }
}

/// How and where the target stopped.
public struct Stop: Sendable {
  /// nil: a time limit was reached, and the target was stopped.
  public let reason: StopReason?
  /// Numbers of the breakpoints at this place.
  public let breakpoints: [Int]

  public init(reason: StopReason?, breakpoints: [Int]) {
    self.reason = reason
    self.breakpoints = breakpoints
  }
}
