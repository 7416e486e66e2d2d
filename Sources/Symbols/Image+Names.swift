import Binary
import DWARF
public import Machine

extension Image {
  /// Static variables whose qualified name is `path` or ends with `::path`; exact matches alone
  /// when there are any.
  public func variables(named path: String) throws(SymbolError) -> [Variable] {
    let items = index.variables
    let names = nameIndex(.variables) { items.map { self.name(of: $0.item) } }
    return match(path, names) { items[$0].item }.map { variable(items[$0]) }
  }

  /// Functions by the same rule; also by ELF symbol name when no other matches. A name without
  /// generic arguments stands for all instances when no function has just this name.
  public func functions(named path: String) throws(SymbolError) -> [Function] {
    let items = index.functions
    let names = nameIndex(.functions) { items.map { self.name(of: $0) } }
    func withCode(_ positions: [Int]) throws(SymbolError) -> [Function] {
      var functions: [Function] = []
      for position in positions {
        if let function = try function(at: position) { functions.append(function) }
      }
      return functions
    }
    let plain = try withCode(match(path, names) { items[$0] })
    if !plain.isEmpty { return plain }
    let instances = try withCode(
      match(path + "<", names, byPrefix: true) { items[$0] })
    if !instances.isEmpty { return instances }
    var functions: [Function] = []
    for symbol in symbolTable().symbols(named: path) where isCode(symbol.address) {
      functions.append(try function(containing: symbol.address) ?? function(of: symbol))
    }
    return functions
  }

  /// Types by the same rule (generic arguments included in the name); of equal copies the first.
  public func types(named path: String) throws(SymbolError) -> [Type] {
    let items = index.types
    var types: [Type] = []
    var seen: Set<String> = []
    for position in match(path, typeNameIndex(), { items[$0] }) {
      let type = try type(id: items[position].die)
      let key = "\(type.qualifiedName) \(type.byteCount ?? .max)"
      if seen.insert(key).inserted { types.append(type) }
    }
    return types
  }

  public func type(named qualifiedName: String) throws(SymbolError) -> Type? {
    let known = caches.withLock { $0.typesByName[qualifiedName] }
    if let known {
      guard let id = known else { return nil }
      return try type(id: id)
    }
    let items = index.types
    let exact = matches(QualifiedName(qualifiedName), typeNameIndex()) { items[$0] }.exact
    let id = exact.first.map { items[$0].die }
    caches.withLock { $0.typesByName[qualifiedName] = .some(id) }
    return try id.map { id throws(SymbolError) in try type(id: id) }
  }

  /// The ELF symbol of exactly this name.
  public func symbol(named name: String) -> ImageSymbol? { symbolTable()[name] }

  public func symbol(containing address: FileAddress) -> ImageSymbol? {
    symbolTable().symbol(containing: address)
  }

  func symbolTable() -> SymbolTable {
    if let known = caches.withLock({ $0.symbols }) { return known }
    let table = SymbolTable((try? file.symbols()) ?? [])
    caches.withLock { $0.symbols = table }
    return table
  }

  private func typeNameIndex() -> NameIndex {
    nameIndex(.types) { self.index.types.map(\.name) }
  }

  private func nameIndex(
    _ kind: ImageCaches.NameKind,
    _ names: () -> [StringReference]
  ) -> NameIndex {
    if let known = caches.withLock({ $0.names[kind] }) { return known }
    let made = NameIndex(names(), sections: sections)
    caches.withLock { $0.names[kind] = made }
    return made
  }

  // MARK: Matching

  /// Positions of the items that `path` names: exactly, or else by their last components.
  private func match(
    _ path: String, _ names: NameIndex, byPrefix: Bool = false,
    _ item: (Int) -> SymbolIndex.Item
  ) -> [Int] {
    let found = matches(QualifiedName(path), names, byPrefix: byPrefix, item)
    return found.exact.isEmpty ? found.suffix : found.exact
  }

  private func matches(
    _ path: QualifiedName, _ names: NameIndex, byPrefix: Bool = false,
    _ item: (Int) -> SymbolIndex.Item
  ) -> (exact: [Int], suffix: [Int]) {
    var exact: [Int] = []
    var suffix: [Int] = []
    for (scopes, name) in path.cuts where !name.isEmpty {
      let positions =
        byPrefix ? names.positions(withPrefix: name) : names.positions(of: name)
      for position in positions {
        switch compare(scopes, withScopesOf: item(position)) {
        case .exact: exact.append(position)
        case .suffix: suffix.append(position)
        case .none: break
        }
      }
    }
    return (exact, suffix)
  }

  private enum Match { case exact, suffix, none }

  private func compare(
    _ wanted: ArraySlice<Substring>, withScopesOf item: SymbolIndex.Item
  ) -> Match {
    var scope = resolved(item).scope
    for component in wanted.reversed() {
      guard scope >= 0, name(ofScope: scope) == component else { return .none }
      scope = index.scopes[Int(scope)].parent
    }
    return scope < 0 ? .exact : .suffix
  }

  // MARK: Names of items

  /// The item that gives the name: itself, or what it completes.
  func resolved(_ item: SymbolIndex.Item) -> SymbolIndex.Item {
    var item = item
    for _ in 0..<16 where item.name.isNone && item.origin != 0 {
      guard let position = SymbolIndex.find(item.origin, in: index.functions) else { break }
      item = index.functions[position]
    }
    // A named definition inside the unit's top still lives in the scope of its declaration.
    if item.origin != 0, let position = SymbolIndex.find(item.origin, in: index.functions) {
      let declaration = index.functions[position]
      if declaration.scope >= 0 || item.name.isNone { return declaration }
    }
    if item.name.isNone, item.origin != 0,
      let name = try? information.die(at: item.origin).name()
    {
      return SymbolIndex.Item(die: item.die, scope: item.scope, name: name, origin: 0)
    }
    return item
  }

  func name(of item: SymbolIndex.Item) -> StringReference { resolved(item).name }

  /// The name with its scopes; `<unnamed>` where there is none.
  func qualifiedName(of item: SymbolIndex.Item) -> String {
    let item = resolved(item)
    let own = text(item.name) ?? "<unnamed>"
    let scopes = qualifiedName(ofScope: item.scope)
    return scopes.isEmpty ? own : scopes + "::" + own
  }

  func qualifiedName(ofScope scope: Int32) -> String {
    if scope < 0 { return "" }
    if let known = caches.withLock({ $0.scopeNames[scope] }) { return known }
    var components: [String] = []
    var current = scope
    while current >= 0, components.count < 256 {
      components.append(name(ofScope: current))
      current = index.scopes[Int(current)].parent
    }
    let name = components.reversed().joined(separator: "::")
    caches.withLock { $0.scopeNames[scope] = name }
    return name
  }

  private func name(ofScope scope: Int32) -> String {
    let entry = index.scopes[Int(scope)]
    if let name = text(entry.name) { return name }
    if entry.origin != 0, let position = SymbolIndex.find(entry.origin, in: index.functions) {
      return text(name(of: index.functions[position])) ?? "<unnamed>"
    }
    return "<unnamed>"
  }

  /// A string of the file, at most 64 KiB of it; nil: none, or it cannot be read.
  func text(_ reference: StringReference) -> String? {
    guard !reference.isNone, let bytes = try? sections.string(reference) else { return nil }
    return String(bytes.count > 65536 ? bytes[0..<65536] : bytes)
  }

  private func variable(_ entry: SymbolIndex.Variable) -> Variable {
    Variable(
      qualifiedName: qualifiedName(of: entry.item), address: FileAddress(entry.address),
      type: typeReference(ofDIE: entry.item.die))
  }
}
