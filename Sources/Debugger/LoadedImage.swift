public import Machine
public import Symbols

/// An image as it stands in the target: with a load bias, in certain address spaces.
public final class LoadedImage {
  public enum Binding: Equatable, Sendable {
    case kernel
    /// User spaces by the kernel's ids.
    case spaces(Set<String>)
    /// Not said: any user space.
    case anyUserSpace
  }

  public let image: Image
  /// Running address minus file address, modulo 2^64.
  public let bias: UInt64
  public var binding: Binding
  /// Whether the user said so (`-k IMAGE@SPACE`); then no plugin changes it.
  public let isBindingExplicit: Bool

  public init(image: Image, bias: UInt64 = 0, binding: Binding, isBindingExplicit: Bool) {
    self.image = image
    self.bias = bias
    self.binding = binding
    self.isBindingExplicit = isBindingExplicit
  }

  public func fileAddress(of address: Address) -> FileAddress {
    FileAddress(address.rawValue &- bias)
  }

  public func address(of address: FileAddress) -> Address {
    Address(address.rawValue &+ bias)
  }

  public func contains(_ address: Address) -> Bool {
    let address = fileAddress(of: address)
    return image.segments.contains { $0.addresses.contains(address) }
  }
}
