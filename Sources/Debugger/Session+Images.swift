public import Machine
public import Symbols

extension Session {
  /// Adds an image; `space` is `kernel`, a space id, or nil: decided by the plugin or the addresses.
  public func add(_ image: Image, space: String?) {
    let binding: LoadedImage.Binding
    switch space {
    case "kernel": binding = .kernel
    case let id?: binding = .spaces([id])
    case nil:
      let isUpper = image.segments.contains { $0.addresses.lowerBound.asAddress.isInUpperHalf }
      binding = isUpper ? .kernel : .anyUserSpace
    }
    images.append(
      LoadedImage(image: image, binding: binding, isBindingExplicit: space != nil))
    targetChanged()
  }

  /// The image that has this address in this space.
  public func image(at address: Address, in space: AddressSpace) -> LoadedImage? {
    images.first { $0.contains(address) && isBound($0, to: space, at: address) }
  }

  /// All images that have this address, whatever space they are in.
  public func candidates(at address: Address) -> [LoadedImage] {
    images.filter { $0.contains(address) }
  }

  private func isBound(_ image: LoadedImage, to space: AddressSpace, at address: Address) -> Bool {
    if address.isInUpperHalf { return image.binding == .kernel }
    if image.binding == .kernel { return true }
    guard case .user(let root) = space else { return false }
    let bound: Set<String>
    switch image.binding {
    case .spaces(let ids): bound = ids
    default:
      guard let ids = knowledge?.spaces(ofImage: image.image.name) else { return true }
      bound = ids
    }
    guard let id = knowledge?.space(withRoot: root) else {
      // Without a plugin nobody knows ids; the user's word is all there is.
      return knowledge == nil
    }
    return bound.contains(id)
  }

  /// Ids of the spaces that an image is loaded in, by the user's word or the plugin's; empty: not known.
  func spaces(of loaded: LoadedImage) -> Set<String> {
    if case .spaces(let ids) = loaded.binding { return ids }
    return knowledge?.spaces(ofImage: loaded.image.name) ?? []
  }

  /// The kernel's image: the first one bound to the kernel.
  public var kernelImage: LoadedImage? { images.first { $0.binding == .kernel } }

  /// The best name for an address.
  public func describe(_ address: Address, in space: AddressSpace) -> SymbolicAddress {
    guard let loaded = image(at: address, in: space) else {
      return SymbolicAddress(address: address)
    }
    return describe(address, in: loaded)
  }

  /// The name that an image has for an address, whatever space it is in.
  public func describe(_ address: Address, in loaded: LoadedImage) -> SymbolicAddress {
    let image = loaded.image
    let fileAddress = loaded.fileAddress(of: address)
    let source = try? image.sourceLocation(of: fileAddress)
    guard let function = try? image.function(containing: fileAddress) else {
      let symbol = image.symbol(containing: fileAddress)
      return SymbolicAddress(
        address: address, image: image.name, function: symbol?.name,
        offset: symbol.map { fileAddress.rawValue &- $0.address.rawValue } ?? 0, source: source,
        container: symbol?.name)
    }
    let inlined = (try? image.inlinedCalls(at: fileAddress)) ?? []
    return SymbolicAddress(
      address: address, image: image.name,
      function: inlined.first?.qualifiedName ?? function.qualifiedName,
      offset: fileAddress.rawValue &- function.entry.rawValue, source: source, inlined: inlined,
      container: function.qualifiedName)
  }
}

extension FileAddress {
  /// As a running address without any load bias.
  var asAddress: Address { Address(rawValue) }
}
