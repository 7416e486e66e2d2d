import Binary

/// What is wrong with an ELF file, and at which offset in it.
public struct ELFError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Kind: Equatable, Sendable {
    /// The file does not begin with `\u{7f}ELF`.
    case notELF
    /// The file ends within its header.
    case truncatedHeader
    /// `e_ident[EI_CLASS]` is neither 32-bit nor 64-bit.
    case unknownClass(UInt8)
    /// `e_ident[EI_DATA]` is neither little nor big endian.
    case unknownEncoding(UInt8)
    /// `e_ident[EI_VERSION]` is not 1.
    case unknownVersion(UInt8)
    /// `e_phentsize` or `e_shentsize` is not what the class demands.
    case badEntrySize(ELFTable, found: UInt64, expected: UInt64)
    /// A table does not lie within the file.
    case tableOutsideFile(ELFTable, byteCount: UInt64)
    /// The contents of a section do not lie within the file.
    case sectionOutsideFile(String)
    /// A section's compressed contents cannot be expanded.
    case badCompression(section: String, reason: String)
    /// A relocation that cannot be applied, and why.
    case badRelocation(String)
    /// `e_shstrndx` or `sh_link` names no string table.
    case badStringTable(index: UInt64)
    /// A note is longer than what holds it.
    case noteOverrun
  }

  /// Offset in the file where the malformed thing begins.
  public let offset: UInt64
  public let kind: Kind

  public init(at offset: UInt64, _ kind: Kind) {
    self.offset = offset
    self.kind = kind
  }

  public var description: String { "\(message) (at offset \(offset.hex()))" }

  private var message: String {
    switch kind {
    case .notELF: "not an ELF file"
    case .truncatedHeader: "the file ends within the ELF header"
    case .unknownClass(let value): "unknown ELF class \(value.hex())"
    case .unknownEncoding(let value): "unknown ELF data encoding \(value.hex())"
    case .unknownVersion(let value): "unknown ELF version \(value.hex())"
    case .badEntrySize(let table, let found, let expected):
      "\(table) entries of \(found.hex()) bytes, expected \(expected.hex())"
    case .tableOutsideFile(let table, let byteCount):
      "\(table) table of \(byteCount.hex()) bytes does not fit into the file"
    case .sectionOutsideFile(let name): "contents of section \(name) are not in the file"
    case .badCompression(let name, let reason): "section \(name): \(reason)"
    case .badRelocation(let reason): "relocation: \(reason)"
    case .badStringTable(let index): "section \(index) is no string table"
    case .noteOverrun: "note does not fit into its segment or section"
    }
  }
}

/// The tables of an ELF file.
public enum ELFTable: String, Sendable, CustomStringConvertible {
  case segments = "program header"
  case sections = "section header"
  case symbols = "symbol"

  public var description: String { rawValue }
}
