import DWARF

extension Image {
  /// The type whose DIE is at `id` in `.debug_info`.
  public func type(id: UInt64) throws(SymbolError) -> Type {
    if let known = caches.withLock({ $0.types[id] }) { return known }
    let built = try wrapping { () throws(DWARFError) in
      try TypeBuilder(image: self).type(try information.die(at: id))
    }
    let type = try definition(of: built) ?? built
    return caches.withLock {
      if let known = $0.types[id] { return known }
      $0.types[id] = type
      return type
    }
  }

  /// The definition, in some unit, of a type that is only declared; nil: it is no declaration, or
  /// there is none.
  private func definition(of type: Type) throws(SymbolError) -> Type? {
    guard case .declaration = type.kind else { return nil }
    return try self.type(named: type.qualifiedName)
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
