import Binary
import DWARF
public import Machine

extension Image {
  public func function(containing address: FileAddress) throws(SymbolError) -> Function? {
    if let position = index.function(containing: address.rawValue) {
      return try function(at: Int(position))
    }
    guard isCode(address), let symbol = symbol(containing: address) else { return nil }
    return function(of: symbol)
  }

  /// A function that only the symbol table knows.
  func function(of symbol: ImageSymbol) -> Function {
    let segment = segments.first { $0.addresses.contains(symbol.address) }
    let end = symbolTable().end(of: symbol, limit: segment?.addresses.upperBound ?? symbol.address)
    return Function(
      qualifiedName: RustDemangler.demangle(symbol.name) ?? symbol.name,
      ranges: symbol.address < end ? [symbol.address..<end] : [], declaration: nil, id: nil)
  }

  /// The function at a position of the index; nil: it has no code.
  func function(at position: Int) throws(SymbolError) -> Function? {
    let item = index.functions[position]
    let die = try wrapping { () throws(DWARFError) in try information.die(at: item.die) }
    let ranges = try wrapping { () throws(DWARFError) in try die.ranges() }.filter {
      isCode($0.lowerBound)
    }
    if ranges.isEmpty { return nil }
    return Function(
      qualifiedName: name(of: item, at: ranges[0].lowerBound), ranges: entryFirst(ranges, of: die),
      declaration: try declaration(of: die), id: item.die)
  }

  /// The name by DWARF; where that has no namespaces (`-C debuginfo=line-tables-only`), by the symbol.
  private func name(of item: SymbolIndex.Item, at entry: FileAddress) -> String {
    let name = qualifiedName(of: item)
    let found = resolved(item)
    guard found.scope < 0, let symbol = symbol(containing: entry), symbol.address == entry else {
      return name
    }
    return RustDemangler.demangle(symbol.name) ?? (found.name.isNone ? symbol.name : name)
  }

  /// A function split in parts begins with the one that holds its entry.
  private func entryFirst(
    _ ranges: [Range<FileAddress>], of die: DIE
  ) -> [Range<FileAddress>] {
    guard ranges.count > 1, let value = try? die.attribute(.entryPc),
      let entry = try? die.unit.address(value),
      let position = ranges.firstIndex(where: { $0.lowerBound.rawValue == entry })
    else { return ranges }
    var sorted = ranges
    sorted.insert(sorted.remove(at: position), at: 0)
    return sorted
  }

  private func declaration(of die: DIE) throws(SymbolError) -> SourceLocation? {
    let builder = TypeBuilder(image: self)
    var current: DIE? = die
    for _ in 0..<16 {
      guard let die = current else { return nil }
      let found = try wrapping { () throws(DWARFError) in
        (try die.attribute(.declFile)?.number, try die.attribute(.declLine)?.number)
      }
      if case (let file?, let line?) = found {
        let line = UInt32(truncatingIfNeeded: line)
        return try location(file: file, line: line, column: 0, inUnit: die.unit.index)
      }
      current = try wrapping { () throws(DWARFError) in try builder.origin(of: die) }
    }
    return nil
  }

  // MARK: Inside of a function

  /// The calls inlined at `address`, innermost first.
  public func inlinedCalls(at address: FileAddress) throws(SymbolError) -> [InlinedCall] {
    var calls: [InlinedCall] = []
    for die in try scopes(at: address).reversed() where die.tag == .inlinedSubroutine {
      calls.append(try inlinedCall(die))
    }
    return calls
  }

  private func inlinedCall(_ die: DIE) throws(SymbolError) -> InlinedCall {
    var origin: UInt64?
    var file: UInt64?
    var (line, column): (UInt32, UInt32) = (0, 0)
    try wrapping { () throws(DWARFError) in
      var attributes = try die.attributes()
      while let (name, value) = try attributes.next() {
        switch name {
        case .abstractOrigin: if case .reference(let offset) = value { origin = offset }
        case .callFile: file = value.number
        case .callLine: line = UInt32(truncatingIfNeeded: value.number ?? 0)
        case .callColumn: column = UInt32(truncatingIfNeeded: value.number ?? 0)
        default: break
        }
      }
    }
    let item = origin.flatMap { SymbolIndex.find($0, in: index.functions) }
    let callSite = try file.flatMap { file throws(SymbolError) in
      try location(file: file, line: line, column: column, inUnit: die.unit.index)
    }
    return InlinedCall(
      qualifiedName: item.map { qualifiedName(of: index.functions[$0]) } ?? "<unnamed>",
      callSite: callSite)
  }

  /// The function at `address` and the blocks and inlined functions around the address, outermost
  /// first.
  func scopes(at address: FileAddress) throws(SymbolError) -> [DIE] {
    guard let position = index.function(containing: address.rawValue) else { return [] }
    return try wrapping { () throws(DWARFError) in
      let function = try information.die(at: index.functions[Int(position)].die)
      var scopes: [DIE] = [function]
      var walker = try DIEWalker(at: function)
      _ = try walker.next()
      while let die = try walker.next() {
        // Only one child of each scope contains the address: behind it there is nothing to find.
        if walker.depth < scopes.count { break }
        guard walker.depth == scopes.count, try die.isScope(containing: address) else {
          if die.hasChildren { try walker.skipChildren() }
          continue
        }
        scopes.append(die)
      }
      return scopes
    }
  }

  /// Arguments and variables in scope at `address`, innermost scope first.
  public func locals(at address: FileAddress) throws(SymbolError) -> [LocalVariable] {
    var locals: [LocalVariable] = []
    let scopes = try scopes(at: address)
    guard let function = scopes.first else { return [] }
    let frameBase = try wrapping { () throws(DWARFError) -> [UInt8]? in
      guard let value = try function.attribute(.frameBase) else { return nil }
      return try location(value, of: function, at: address)
    }
    for scope in scopes.reversed() {
      locals += try wrapping { () throws(DWARFError) in
        try self.locals(of: scope, at: address, frameBase: frameBase)
      }
    }
    return locals
  }

  private func locals(
    of scope: DIE, at address: FileAddress, frameBase: [UInt8]?
  ) throws(DWARFError) -> [LocalVariable] {
    let builder = TypeBuilder(image: self)
    var locals: [LocalVariable] = []
    var children = try scope.children()
    while let die = try children.next() {
      guard die.tag == .variable || die.tag == .formalParameter,
        let name = try builder.name(of: die)
      else { continue }
      let type = try builder.target(of: die)
      let location =
        if let value = try die.attribute(.location) {
          try self.location(value, of: die, at: address)
        } else {
          try constant(of: die)
        }
      locals.append(
        LocalVariable(
          name: name, isArgument: die.tag == .formalParameter, type: builder.reference(type),
          location: location, frameBase: frameBase))
    }
    return locals
  }

  /// A location expression that stands by itself; nil: nowhere at this address.
  private func location(
    _ value: AttributeValue, of die: DIE, at address: FileAddress
  ) throws(DWARFError) -> [UInt8]? {
    guard let expression = try die.unit.location(value, at: address), !expression.isEmpty else {
      return nil
    }
    return try die.unit.standalone(expression)
  }

  /// `DW_AT_const_value` as an expression; nil: none.
  private func constant(of die: DIE) throws(DWARFError) -> [UInt8]? {
    switch try die.attribute(.constValue) {
    case .unsigned(let value): return DWARFExpression.constant(value)
    case .signed(let value): return DWARFExpression.constant(UInt64(bitPattern: value))
    case .block(let bytes): return DWARFExpression.implicitValue(bytes.array)
    default: return nil
    }
  }
}

extension DIE {
  /// Whether the DIE is a block or inlined function with code at the address.
  fileprivate func isScope(containing address: FileAddress) throws(DWARFError) -> Bool {
    guard tag == .lexicalBlock || tag == .inlinedSubroutine else { return false }
    return try ranges().contains { $0.contains(address) }
  }
}
