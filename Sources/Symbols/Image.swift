public import Binary
public import DWARF
public import Machine

/// One ELF file with its debugging information: answers by name and by file address.
///
/// All addresses are the file's own; the session adds load bias and address space.
public final class Image: TypeSource {
  /// The path as the user gave it.
  public let path: String
  /// The last component of the path.
  public let name: String
  public let architecture: Architecture
  /// The GNU build-id, or nil.
  public let buildID: [UInt8]?
  public let entry: FileAddress
  public let segments: [ImageSegment]

  /// Opens, checks and indexes a file. A file without debugging information is accepted, see `hasDebugInformation`.
  public init(path: String) throws(SymbolError) {
    throw SymbolError(.unsupported, file: path, reason: "not written yet")
  }

  /// Whether there is any DWARF; without it only symbols are known.
  public var hasDebugInformation: Bool { false }

  // MARK: By name

  /// Static variables whose qualified name is `path` or ends with `::path`; exact matches alone when there are any.
  public func variables(named path: String) throws(SymbolError) -> [Variable] { [] }
  /// Functions by the same rule; also by ELF symbol name when no other matches.
  public func functions(named path: String) throws(SymbolError) -> [Function] { [] }
  /// Types by the same rule (generic arguments included in the name).
  public func types(named path: String) throws(SymbolError) -> [Type] { [] }
  public func type(named qualifiedName: String) throws(SymbolError) -> Type? { nil }
  public func type(id: UInt64) throws(SymbolError) -> Type {
    throw SymbolError(.unsupported, file: path, reason: "not written yet")
  }
  /// The ELF symbol of exactly this name.
  public func symbol(named name: String) -> ImageSymbol? { nil }
  /// Names of variables, functions and types that start with `prefix` (or have a component that does), sorted, at most `limit`.
  public func completions(of prefix: String, limit: Int) -> [String] { [] }

  // MARK: By address

  public func function(containing address: FileAddress) throws(SymbolError) -> Function? { nil }
  /// The calls inlined at `address`, innermost first.
  public func inlinedCalls(at address: FileAddress) throws(SymbolError) -> [InlinedCall] { [] }
  /// The source of the instruction at `address`.
  public func sourceLocation(of address: FileAddress) throws(SymbolError) -> SourceLocation? { nil }
  /// Addresses where statements of that line begin; `file` matches whole trailing path components. If the line has no code, the next line that has.
  public func addresses(file: String, line: Int) throws(SymbolError) -> [FileAddress] { [] }
  /// The first address after the function's prologue (where `break FUNCTION` stops).
  public func addressAfterPrologue(of function: Function) throws(SymbolError) -> FileAddress {
    function.entry
  }
  public func symbol(containing address: FileAddress) -> ImageSymbol? { nil }
  /// How to find the caller's registers at this instruction, or nil: no call frame information covers it.
  public func unwindRow(at address: FileAddress) throws(SymbolError) -> UnwindRow? { nil }
  /// Arguments and variables in scope at `address`, innermost scope first.
  public func locals(at address: FileAddress) throws(SymbolError) -> [LocalVariable] { [] }

  // MARK: Contents

  /// The file's own bytes at `address` (of any loaded segment), for proof against the target; nil when not all are in the file.
  public func contents(at address: FileAddress, count: Int) -> Bytes? { nil }
}
