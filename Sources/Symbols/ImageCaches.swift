import DWARF

/// What an image has worked out so far; each is made when it is first asked for.
struct ImageCaches: Sendable {
  enum NameKind: Sendable { case variables, functions, types }

  var types: [UInt64: Type] = [:]
  var scopeNames: [Int32: String] = [:]
  var names: [NameKind: NameIndex] = [:]
  var typesByName: [String: UInt64?] = [:]
  var symbols: SymbolTable?
  var lineHeaders: [Int: LineHeader?] = [:]
  var lineTables: [Int: LineTable?] = [:]
  var unitRanges: UnitRanges?
  var callFrames: CallFrames?
}
