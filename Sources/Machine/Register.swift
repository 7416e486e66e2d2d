/// One register of an architecture or of a target description.
public struct Register: Hashable, Sendable {
  /// The name, lower case: `x0`, `sp`, `pc`, `ttbr0_el1`.
  public let name: String
  public let byteCount: Int
  /// The number DWARF gives it (AADWARF64 §4.1 for aarch64), or nil.
  public let dwarfNumber: Int?
  /// `general`, `float`, `system`, ...
  public let group: String

  public init(name: String, byteCount: Int, dwarfNumber: Int? = nil, group: String = "general") {
    self.name = name
    self.byteCount = byteCount
    self.dwarfNumber = dwarfNumber
    self.group = group
  }
}

/// Values of registers by name; a register that is absent here is unavailable.
public struct RegisterValues: Sendable, Equatable {
  /// Lower-case name to value.
  public var values: [String: UInt64]
  public init(_ values: [String: UInt64] = [:]) { self.values = values }

  public subscript(name: String) -> UInt64? {
    get { values[name] }
    set { values[name] = newValue }
  }
}
