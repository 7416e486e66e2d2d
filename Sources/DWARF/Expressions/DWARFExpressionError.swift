import Binary

/// Why an expression has no result, and at which offset in it.
public struct DWARFExpressionError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Kind: Equatable, Sendable {
    case unknownOperation(UInt8)
    /// An operation that is known but not supported, by its official name.
    case unsupportedOperation(String)
    /// The expression ends within an operation.
    case truncated
    case stackUnderflow
    case stackOverflow
    case divisionByZero
    case badBranch(Int64)
    case tooManySteps
    /// A size that no number has.
    case badSize(UInt64)
    /// An operation other than a piece follows a complete location.
    case misplacedOperation
    /// The expression describes a place, not a number.
    case notANumber
    /// The context cannot tell: why.
    case unavailable(String)
  }

  public let offset: Int
  public let kind: Kind

  public init(at offset: Int, _ kind: Kind) {
    self.offset = offset
    self.kind = kind
  }

  public var description: String {
    let place = " at offset \(UInt64(clamping: offset).hex()) of the expression"
    switch kind {
    case .unknownOperation(let byte): return "unknown operation \(byte.hex())" + place
    case .unsupportedOperation(let name): return "\(name) is not supported" + place
    case .truncated: return "the data ends too early" + place
    case .stackUnderflow: return "stack underflow" + place
    case .stackOverflow: return "stack overflow" + place
    case .divisionByZero: return "division by zero" + place
    case .badBranch(let target): return "branch to \(target), outside of it," + place
    case .tooManySteps: return "too many steps" + place
    case .badSize(let size): return "bad size \(size.hex())" + place
    case .misplacedOperation: return "operation behind a complete location" + place
    case .notANumber: return "the expression describes a place, not a number"
    case .unavailable(let reason): return reason
    }
  }
}
