import Binary

/// An address as the running machine uses it: virtual when its MMU is on.
@frozen
public struct Address: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var rawValue: UInt64
  @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
  @inlinable public static func < (a: Address, b: Address) -> Bool { a.rawValue < b.rawValue }
  /// Wraps around, as the machine's own arithmetic does.
  @inlinable public static func + (address: Address, offset: UInt64) -> Address {
    Address(address.rawValue &+ offset)
  }
  public var description: String { rawValue.hex(width: 16) }
}

/// An address on the machine's bus.
@frozen
public struct PhysicalAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var rawValue: UInt64
  @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  @inlinable public static func + (address: Self, offset: UInt64) -> Self {
    Self(address.rawValue &+ offset)
  }
  public var description: String { rawValue.hex(width: 10) }
}

/// An address as the linker wrote it into a file, before any load bias.
@frozen
public struct FileAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var rawValue: UInt64
  @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  @inlinable public static func + (address: Self, offset: UInt64) -> Self {
    Self(address.rawValue &+ offset)
  }
  public var description: String { rawValue.hex(width: 16) }
}
