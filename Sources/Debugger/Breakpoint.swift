public import Machine

/// A breakpoint that the user asked for.
public struct Breakpoint: Sendable {
  public let number: Int
  public let address: Address
  /// The best name for the address, in the image it was found in.
  public let place: SymbolicAddress
  /// What the user typed.
  public let specification: String
  public let isTemporary: Bool
  public let kind: BreakpointKind
  public internal(set) var hitCount: Int
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
