public import Machine
public import Symbols

/// An address with the best name for it.
public struct SymbolicAddress: Sendable {
  public let address: Address
  /// The image's name, or nil: in no image.
  public let image: String?
  /// The innermost function (inlined ones included), or nil.
  public let function: String?
  /// Bytes from the entry of the function that has the code.
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

  /// The innermost function that is not Rust's own library, with the line in it: `spin_loop` tells
  /// less than whoever spins. nil: no function is known.
  public var telling: (function: String, source: SourceLocation?)? {
    var place = source
    for call in inlined {
      if !Self.isLibrary(call.qualifiedName) { return (call.qualifiedName, place) }
      place = call.callSite
    }
    if let container, !Self.isLibrary(container) { return (container, place) }
    return function.map { ($0, source) }
  }

  private static func isLibrary(_ name: String) -> Bool {
    ["core::", "alloc::", "std::"].contains { name.hasPrefix($0) }
  }
}
