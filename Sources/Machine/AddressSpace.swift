/// Which translation an address is meant in.
public enum AddressSpace: Hashable, Sendable, CustomStringConvertible {
  /// The kernel's own: addresses of the upper half.
  case kernel
  /// A user space by the physical address of its page-table root; the kernel's half is the same in all.
  case user(root: PhysicalAddress)

  public var description: String {
    switch self {
    case .kernel: "kernel"
    case .user(let root): "space with root \(root)"
    }
  }
}
