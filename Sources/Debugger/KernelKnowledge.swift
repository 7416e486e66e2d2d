public import Machine

/// Where a kernel keeps the registers of what a trap interrupted.
public struct TrapFrameLayout: Sendable, Equatable {
  /// Functions or symbols whose code runs with the trap frame at the stack pointer.
  public let entrySymbols: [String]
  /// Register name to byte offset from the frame's start; `cpsr` too.
  public let offsets: [String: UInt64]
  public let byteCount: UInt64
  /// Functions that change the thread: while one of them runs, the frame may belong to another thread
  /// than the space that is active.
  public let switchFunctions: [String]

  public init(
    entrySymbols: [String], offsets: [String: UInt64], byteCount: UInt64,
    switchFunctions: [String] = []
  ) {
    self.switchFunctions = switchFunctions
    self.entrySymbols = entrySymbols
    self.offsets = offsets
    self.byteCount = byteCount
  }
}

/// What the debugger must be told about a kernel: given by its plugin.
public protocol KernelKnowledge: AnyObject {
  /// An expression whose value is the physical address of the kernel's page-table root, for targets
  /// without system registers.
  var kernelRootExpression: String? { get }
  var trapFrame: TrapFrameLayout? { get }
  /// The root of a space by its id, or nil: no such space, or not known now.
  func root(ofSpace id: String) -> PhysicalAddress?
  /// The id of the space with this root, or nil.
  func space(withRoot root: PhysicalAddress) -> String?
  /// Ids of the spaces that an image is loaded in, by the image's file name; nil: not known.
  func spaces(ofImage name: String) -> Set<String>?
  /// Id of the user space of the thread that a CPU runs, for targets without system registers; nil: none, or not known.
  func currentSpace(ofCPU cpu: Int) -> String?
}

extension KernelKnowledge {
  public func currentSpace(ofCPU cpu: Int) -> String? { nil }
}
