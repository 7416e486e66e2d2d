public import Machine

/// A static variable.
public struct Variable: Sendable {
  /// `bramble::thread::THREAD_MAP`.
  public let qualifiedName: String
  public let address: FileAddress
  public let type: TypeReference

  public init(qualifiedName: String, address: FileAddress, type: TypeReference) {
    self.qualifiedName = qualifiedName
    self.address = address
    self.type = type
  }
}

/// A function with code, as its debugging information or, failing that, the symbol table names it.
public struct Function: Sendable {
  /// `bramble::ipc::call`; generic arguments as rustc writes them.
  public let qualifiedName: String
  public let ranges: [Range<FileAddress>]
  /// Where it was declared, or nil.
  public let declaration: SourceLocation?
  /// Offset of its DIE in `.debug_info`, or nil: known from the symbol table only.
  public let id: UInt64?

  public var entry: FileAddress { ranges.first?.lowerBound ?? FileAddress(0) }

  public init(
    qualifiedName: String, ranges: [Range<FileAddress>], declaration: SourceLocation?, id: UInt64?
  ) {
    self.qualifiedName = qualifiedName
    self.ranges = ranges
    self.declaration = declaration
    self.id = id
  }
}

/// A place in the source: a path as the compiler wrote it, lines from 1, column 0 = unknown.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
  public let file: String
  public let line: Int
  public let column: Int

  public init(file: String, line: Int, column: Int = 0) {
    self.file = file
    self.line = line
    self.column = column
  }

  public var description: String { "\(file):\(line)" }
}

/// A call that the compiler put into its caller's code.
public struct InlinedCall: Sendable {
  /// The function that was inlined.
  public let qualifiedName: String
  /// Where it was called, in the surrounding function.
  public let callSite: SourceLocation?

  public init(qualifiedName: String, callSite: SourceLocation?) {
    self.qualifiedName = qualifiedName
    self.callSite = callSite
  }
}

/// An entry of the ELF symbol table.
public struct ImageSymbol: Sendable {
  /// As in the file: mangled, not escaped.
  public let name: String
  public let address: FileAddress
  public let byteCount: UInt64

  public init(name: String, address: FileAddress, byteCount: UInt64) {
    self.name = name
    self.address = address
    self.byteCount = byteCount
  }
}

/// A variable or argument of a function, with a place that depends on the frame.
public struct LocalVariable: Sendable {
  public let name: String
  public let isArgument: Bool
  public let type: TypeReference
  /// Its location expression at the asked address (DWARF 5 §2.5), or nil: optimised out here.
  public let location: [UInt8]?
  /// The function's `DW_AT_frame_base` expression, or nil.
  public let frameBase: [UInt8]?

  public init(
    name: String, isArgument: Bool, type: TypeReference, location: [UInt8]?, frameBase: [UInt8]?
  ) {
    self.name = name
    self.isArgument = isArgument
    self.type = type
    self.location = location
    self.frameBase = frameBase
  }
}

/// A part of the file that is loaded into memory (ELF gABI, "Program Header").
public struct ImageSegment: Sendable {
  public let addresses: Range<FileAddress>
  public let physicalAddress: PhysicalAddress
  public let isWritable: Bool
  public let isExecutable: Bool

  public init(
    addresses: Range<FileAddress>, physicalAddress: PhysicalAddress, isWritable: Bool,
    isExecutable: Bool
  ) {
    self.addresses = addresses
    self.physicalAddress = physicalAddress
    self.isWritable = isWritable
    self.isExecutable = isExecutable
  }
}
