import Binary
import DWARF
import Machine

/// What one pass over the units finds: numbers and offsets only, in the order of `.debug_info`.
///
/// Names stay in their section until somebody asks; DIEs are read again for everything else.
struct SymbolIndex: Sendable {
  /// Something that can enclose a name: a namespace, type or function.
  struct Scope: Sendable {
    /// Index of the enclosing scope, -1: the file.
    let parent: Int32
    let name: StringReference
    /// For scopes whose name is found at another DIE; 0: none.
    let origin: UInt64
  }

  struct Item: Sendable {
    /// Offset of its DIE.
    let die: UInt64
    let scope: Int32
    /// `none` when `origin` knows it.
    let name: StringReference
    /// The DIE that this one completes (specification, abstract origin); 0: none.
    let origin: UInt64
  }

  struct Variable: Sendable {
    let item: Item
    let address: UInt64
  }

  struct CodeRange: Sendable {
    let start: UInt64
    let end: UInt64
    /// Position in `functions`.
    let function: Int32
  }

  fileprivate(set) var scopes: [Scope] = []
  fileprivate(set) var variables: [Variable] = []
  /// All functions, those without code too: others refer to them.
  fileprivate(set) var functions: [Item] = []
  fileprivate(set) var types: [Item] = []
  /// Sorted by start.
  fileprivate(set) var code: [CodeRange] = []
  /// Parts that could not be read and are missing.
  fileprivate(set) var problems: [DWARFError] = []

  init() {}

  /// Visits every DIE once. Addresses for which `isLoaded` is false belong to code and data that
  /// the linker dropped.
  init(_ information: DebugInformation, isLoaded: (UInt64) -> Bool) {
    problems = information.problems
    for unit in information.units {
      do {
        var pass = IndexPass(unit: unit)
        try pass.run(into: &self, isLoaded: isLoaded)
      } catch {
        problems.append(error)
      }
    }
    code.sort { $0.start < $1.start }
  }

  /// The item whose DIE is at an offset, or nil. O(log n).
  static func find(_ die: UInt64, in items: [Item]) -> Int? {
    var (low, high) = (0, items.count)
    while low < high {
      let middle = (low + high) / 2
      if items[middle].die < die { low = middle + 1 } else { high = middle }
    }
    return low < items.count && items[low].die == die ? low : nil
  }

  /// The function whose code contains an address: the innermost where ranges overlap.
  func function(containing address: UInt64) -> Int32? {
    var (low, high) = (0, code.count)
    while low < high {
      let middle = (low + high) / 2
      if code[middle].start <= address { low = middle + 1 } else { high = middle }
    }
    for index in (max(0, low - 16)..<low).reversed() where code[index].end > address {
      return code[index].function
    }
    return nil
  }
}

/// The pass over one unit.
private struct IndexPass {
  let unit: Unit
  /// The scope at each depth.
  private var stack: [Int32] = [-1]
  /// The depth of the function that is being visited, or nil.
  private var functionDepth: Int?

  init(unit: Unit) { self.unit = unit }

  mutating func run(
    into index: inout SymbolIndex, isLoaded: (UInt64) -> Bool
  ) throws(DWARFError) {
    var walker = try DIEWalker(unit)
    while let die = try walker.next() {
      let depth = walker.depth
      if let functionDepth, depth <= functionDepth { self.functionDepth = nil }
      let parent = stack[min(depth, stack.count - 1)]
      let scope = try visit(die, parent: parent, into: &index, isLoaded: isLoaded)
      guard die.hasChildren else { continue }
      if die.tag == .subprogram, functionDepth == nil { functionDepth = depth }
      if stack.count > depth + 1 { stack.removeSubrange((depth + 1)...) }
      stack.append(scope)
    }
  }

  /// Enters what the DIE declares; gives the scope of its children.
  private mutating func visit(
    _ die: DIE, parent: Int32, into index: inout SymbolIndex, isLoaded: (UInt64) -> Bool
  ) throws(DWARFError) -> Int32 {
    switch die.tag {
    case .namespace, .module:
      return addScope(try attributes(of: die), parent, to: &index)
    case .structureType, .classType, .unionType, .enumerationType, .baseType, .typedef,
      .pointerType, .unspecifiedType:
      let found = try attributes(of: die)
      if !found.name.isNone, !found.isDeclaration {
        index.types.append(item(die, parent, found))
      }
      return die.hasChildren ? addScope(found, parent, to: &index) : parent
    case .subprogram:
      return try visitFunction(die, parent: parent, into: &index, isLoaded: isLoaded)
    case .variable:
      // The locals of Rust functions are never static: those are in a namespace of the same name.
      if functionDepth == nil || unit.language != 0x1c {
        try visitVariable(die, parent: parent, into: &index, isLoaded: isLoaded)
      }
      return parent
    default:
      return parent
    }
  }

  private func item(_ die: DIE, _ scope: Int32, _ found: Found) -> SymbolIndex.Item {
    .init(die: die.offset, scope: scope, name: found.name, origin: found.origin)
  }

  private func addScope(
    _ found: Found, _ parent: Int32, to index: inout SymbolIndex
  ) -> Int32 {
    index.scopes.append(.init(parent: parent, name: found.name, origin: found.origin))
    return Int32(truncatingIfNeeded: index.scopes.count - 1)
  }

  private mutating func visitFunction(
    _ die: DIE, parent: Int32, into index: inout SymbolIndex, isLoaded: (UInt64) -> Bool
  ) throws(DWARFError) -> Int32 {
    let found = try attributes(of: die)
    let position = Int32(truncatingIfNeeded: index.functions.count)
    index.functions.append(item(die, parent, found))
    for range in try ranges(of: die, found) where isLoaded(range.lowerBound.rawValue) {
      index.code.append(
        .init(
          start: range.lowerBound.rawValue, end: range.upperBound.rawValue, function: position))
    }
    return die.hasChildren ? addScope(found, parent, to: &index) : parent
  }

  private func ranges(
    of die: DIE, _ found: Found
  ) throws(DWARFError) -> [Range<FileAddress>] {
    guard found.hasCode else { return [] }
    return try die.ranges()
  }

  private func visitVariable(
    _ die: DIE, parent: Int32, into index: inout SymbolIndex, isLoaded: (UInt64) -> Bool
  ) throws(DWARFError) {
    let found = try attributes(of: die)
    guard let location = found.location,
      let address = try unit.staticAddress(of: location), isLoaded(address)
    else { return }
    index.variables.append(.init(item: item(die, parent, found), address: address))
  }

  /// The attributes that matter to the index, read in one go.
  private struct Found {
    var name = StringReference.none
    var origin: UInt64 = 0
    var location: Bytes?
    var isDeclaration = false
    var hasCode = false
  }

  private func attributes(of die: DIE) throws(DWARFError) -> Found {
    var found = Found()
    var attributes = try die.attributes()
    while let (name, value) = try attributes.next() {
      switch name {
      case .name: found.name = try unit.string(value) ?? .none
      case .specification, .abstractOrigin:
        if case .reference(let offset) = value { found.origin = offset }
      case .location:
        if case .block(let bytes) = value { found.location = bytes }
      case .declaration: found.isDeclaration = true
      case .lowPc, .ranges: found.hasCode = true
      default: break
      }
    }
    return found
  }
}
