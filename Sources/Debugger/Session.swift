public import Expressions
public import Machine
import Symbols
import Unwinder

/// A target with its images: everything a debugger does, without any user interface.
///
/// Belongs to one thread. Whatever it reads is kept until the target runs again.
public final class Session {
  public internal(set) var target: any Target
  public internal(set) var images: [LoadedImage] = []
  /// Set by the kernel plugin.
  public var knowledge: (any KernelKnowledge)?
  /// Moves on whenever the target may have changed.
  public let generation = CacheGeneration()
  public internal(set) var breakpoints: [Breakpoint] = []
  /// Values that `p` printed, `$1` first.
  public internal(set) var history: [Value] = []
  /// How the kernel's page-table root was found, when the target itself does not tell; nil: it does.
  public internal(set) var translationNote: String?

  /// Index into the frames of the selection's backtrace.
  public var selectedFrame = 0 { didSet { localsCache = nil } }

  var physicalMemory: CachedPhysicalMemory?
  /// Of the targets before this one.
  var earlierStopCount = 0
  var lastStop: StopReason?
  var currentSelection: Selection?
  var selectionGeneration = -1
  var spaceMemories: [AddressSpace: any MemoryReader] = [:]
  var backtraceCache: (generation: Int, selection: Selection.Subject, trace: Backtrace)?
  /// The CPU whose stack is being walked.
  var walkedCPU: Int?
  var localsCache: [LocalVariable]?
  var translationState = TranslationState()
  var nextBreakpointNumber = 1

  public init(target: any Target) {
    self.target = target
    let generation = generation
    self.physicalMemory = target.physicalMemory.map {
      CachedPhysicalMemory($0, generation: generation)
    }
  }

  public var architecture: Architecture { target.architecture }

  /// Grows with each stop, also from one connection to the next.
  public var stopCount: Int { earlierStopCount + (target.execution?.stopCount ?? 0) }

  /// Memory by bus address, kept while the target stands still; nil: the target does not give it.
  public var physical: (any PhysicalMemory)? { physicalMemory }

  /// What the caches of memory have saved.
  public var cacheCounts: CacheCounts { physicalMemory?.counts ?? CacheCounts() }

  /// What is read from now on is for this view, which may be shown again at another stop.
  public func begin(view name: String) { physicalMemory?.begin(view: name) }

  /// Appends to the history and returns the value's number.
  public func remember(_ value: Value) -> Int {
    history.append(value)
    return history.count
  }

  /// Removes breakpoints and ends the use of the target.
  public func close() {
    for breakpoint in breakpoints { uninsert(breakpoint) }
    breakpoints = []
    target.close()
  }

  /// Forgets everything that was read; called whenever the target may have changed.
  func targetChanged() {
    generation.advance()
    currentSelection = nil
    selectedFrame = 0
    backtraceCache = nil
    localsCache = nil
  }
}
