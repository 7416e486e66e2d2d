import DWARF

extension Image {
  /// The type whose DIE is at `id` in `.debug_info`.
  public func type(id: UInt64) throws(SymbolError) -> Type {
    if let known = caches.withLock({ $0.types[id] }) { return known }
    let type = try wrapping { () throws(DWARFError) in
      try TypeBuilder(image: self).type(try information.die(at: id))
    }
    return caches.withLock {
      if let known = $0.types[id] { return known }
      $0.types[id] = type
      return type
    }
  }

  /// The type that a DIE names with `DW_AT_type`, directly or through what it completes; without
  /// any: unit.
  func typeReference(ofDIE offset: UInt64) -> TypeReference {
    guard let die = try? information.die(at: offset),
      let id = try? TypeBuilder(image: self).target(of: die)
    else { return TypeReference(.void) }
    return TypeReference(self, id: id)
  }
}

extension Type {
  /// What C calls `void`.
  static let void = Type(name: "()", byteCount: 0, kind: .base(.unit))
}
