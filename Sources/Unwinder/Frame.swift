public import Machine

/// One activation of a function.
public struct Frame: Sendable {
  /// How the frame was found, from most to least trusted.
  public enum Method: String, Sendable {
    /// The registers themselves: the innermost frame.
    case registers
    /// DWARF call frame information of the callee.
    case callFrameInformation = "cfi"
    /// A trap frame that the kernel pushed.
    case trapFrame = "trap frame"
    /// The chain of frame pointers.
    case framePointer = "frame pointer"
    /// The link register of a frame without any other rule.
    case linkRegister = "link register"
  }

  public let method: Method
  public let pc: Address
  /// Registers as they are in this frame; those that are absent could not be recovered.
  public let registers: RegisterValues
  public let space: AddressSpace
  /// The frame's own canonical frame address, when a rule gave one.
  public internal(set) var cfa: Address?
  /// `pc` is the very instruction that goes on (innermost frame, or interrupted by a trap); otherwise it is a return
  /// address and the call is before it.
  public let isExact: Bool

  public init(
    method: Method, pc: Address, registers: RegisterValues, space: AddressSpace, cfa: Address?,
    isExact: Bool
  ) {
    self.method = method
    self.pc = pc
    self.registers = registers
    self.space = space
    self.cfa = cfa
    self.isExact = isExact
  }

  /// The address to look symbols up with: `pc`, or one byte before a return address.
  public var lookupAddress: Address { isExact ? pc : Address(pc.rawValue &- 1) }
}

/// Why a backtrace ends.
public enum EndReason: Sendable, Equatable {
  /// The outermost function: its return address is 0 or undefined.
  case bottom
  case noRule(Address)
  /// The kernel is changing threads: the trap frame may be of another thread than the active space.
  case switchingThreads
  case unreadable(MemoryError)
  /// The next frame would be the same or below.
  case didNotAdvance
  case limit(Int)
  case interrupted
}

public struct Backtrace: Sendable {
  public let frames: [Frame]
  public let end: EndReason

  public init(frames: [Frame], end: EndReason) {
    self.frames = frames
    self.end = end
  }
}
