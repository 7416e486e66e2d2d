/// How much of a value is shown, and how numbers are written.
public struct FormatLimits: Sendable, Equatable {
  public enum Integers: Sendable, Equatable { case decimal, hexadecimal, octal, binary }

  /// How deep structures are opened; below stands `...`.
  public var depth = 4
  /// How many elements of one container.
  public var elements = 32
  /// How many bytes of one string.
  public var stringBytes = 256
  /// How many nodes in all.
  public var nodes = 2000
  public var integers = Integers.decimal

  public init(
    depth: Int = 4, elements: Int = 32, stringBytes: Int = 256, nodes: Int = 2000,
    integers: Integers = .decimal
  ) {
    self.depth = depth
    self.elements = elements
    self.stringBytes = stringBytes
    self.nodes = nodes
    self.integers = integers
  }
}
