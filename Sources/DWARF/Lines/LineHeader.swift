/// The header of a line program: its files and how its opcodes are to be read (DWARF 5 §6.2.4).
public struct LineHeader: Sendable {
  public struct File: Sendable {
    public let name: StringReference
    public let directory: UInt64
  }

  /// Where the program begins in `.debug_line`.
  public let offset: UInt64
  public let version: UInt16
  /// By the number that rows use: in version 5 from 0, before from 1 (entry 0 is then a copy of 1).
  public let files: [File]
  /// Entry 0 is the unit's directory.
  public let directories: [StringReference]
  let minimumInstructionLength: UInt64
  let defaultIsStatement: Bool
  let lineBase: Int8
  let lineRange: UInt8
  let opcodeBase: UInt8
  let operandCounts: [UInt8]
  let addressByteCount: Int
  /// Behind the header, ending with the program.
  let program: SectionReader

  /// Reads the header of a unit's line program; nil: the unit has none.
  public init?(of unit: Unit) throws(DWARFError) {
    guard let offset = unit.lineOffset else { return nil }
    self.offset = offset
    var reader = try unit.sections.reader(.debugLine, at: offset)
    let (end, offsetByteCount) = try reader.initialLength()
    reader = try reader.limited(to: end)
    version = try reader.u16()
    guard (2...5).contains(version) else {
      throw DWARFError(.debugLine, at: offset, .unsupportedVersion(version))
    }
    var addressByteCount = unit.header.addressByteCount
    if version >= 5 {
      addressByteCount = Int(try reader.u8())
      guard addressByteCount == 4 || addressByteCount == 8 else {
        throw reader.error(.badAddressSize(UInt8(addressByteCount)))
      }
      _ = try reader.u8()  // segment selector size
    }
    self.addressByteCount = addressByteCount
    let headerLength = try reader.unsigned(byteCount: offsetByteCount)
    guard headerLength <= UInt64(reader.remaining) else {
      throw reader.error(.badLength(headerLength))
    }
    let programStart = reader.offset + headerLength
    minimumInstructionLength = UInt64(try reader.u8())
    if version >= 4 { _ = try reader.u8() }  // operations per instruction; 1 but on VLIW machines
    defaultIsStatement = try reader.u8() != 0
    lineBase = try reader.i8()
    lineRange = try reader.u8()
    guard lineRange != 0 else { throw reader.error(.badLineHeader("line range")) }
    opcodeBase = try reader.u8()
    guard opcodeBase != 0 else { throw reader.error(.badLineHeader("opcode base")) }
    operandCounts = try reader.bytes(UInt64(opcodeBase - 1)).array
    if version >= 5 {
      var tables = LineTableReader(unit: unit, offsetByteCount: offsetByteCount)
      directories = try tables.directories(&reader)
      files = try tables.files(&reader)
    } else {
      directories = try Self.oldDirectories(&reader, unit: unit)
      files = try Self.oldFiles(&reader)
    }
    try reader.seek(to: programStart)
    program = reader
  }

  private static func oldDirectories(
    _ reader: inout SectionReader, unit: Unit
  ) throws(DWARFError) -> [StringReference] {
    var directories = [unit.directory]
    while directories.count < Limits.lineFiles {
      let start = reader.offset
      if try reader.cString().isEmpty { return directories }
      directories.append(StringReference(.debugLine, start))
    }
    throw reader.error(.tooMany)
  }

  private static func oldFiles(_ reader: inout SectionReader) throws(DWARFError) -> [File] {
    var files: [File] = []
    while files.count < Limits.lineFiles {
      let start = reader.offset
      if try reader.cString().isEmpty {
        return files.isEmpty ? [] : [files[0]] + files
      }
      let directory = try reader.uleb128()
      _ = try reader.uleb128()  // time
      _ = try reader.uleb128()  // size
      files.append(File(name: StringReference(.debugLine, start), directory: directory))
    }
    throw reader.error(.tooMany)
  }
}

/// Reads the tables of directories and files of version 5 (DWARF 5 §6.2.4.1).
private struct LineTableReader {
  let unit: Unit
  let offsetByteCount: Int

  mutating func directories(
    _ reader: inout SectionReader
  ) throws(DWARFError) -> [StringReference] {
    try entries(&reader).map(\.name)
  }

  mutating func files(_ reader: inout SectionReader) throws(DWARFError) -> [LineHeader.File] {
    try entries(&reader)
  }

  private func entries(_ reader: inout SectionReader) throws(DWARFError) -> [LineHeader.File] {
    var formats: [(content: DWLineContent?, form: DWForm)] = []
    for _ in 0..<(try reader.u8()) {
      let content = try reader.uleb128()
      let rawForm = try reader.uleb128()
      guard let form = UInt16(exactly: rawForm).flatMap(DWForm.init(rawValue:)) else {
        throw reader.error(.unknownForm(rawForm))
      }
      formats.append((UInt16(exactly: content).flatMap(DWLineContent.init(rawValue:)), form))
    }
    let count = try reader.uleb128()
    guard count <= UInt64(Limits.lineFiles), count == 0 || !formats.isEmpty else {
      throw reader.error(.tooMany)
    }
    var files: [LineHeader.File] = []
    for _ in 0..<count {
      var name = StringReference.none
      var directory: UInt64 = 0
      for (content, form) in formats {
        let value = try reader.value(form, in: unit.header)
        switch content {
        case .path: name = try unit.string(value) ?? .none
        case .directoryIndex: directory = value.number ?? 0
        default: break
        }
      }
      files.append(.init(name: name, directory: directory))
    }
    return files
  }
}

extension LineHeader {
  /// The path of a file by the number that rows use, or nil: there is no such file.
  ///
  /// A directory is put after the unit's only when that is absolute: compilers that rewrite paths
  /// (`--remap-path-prefix`) rewrite both, and the two together would name nothing.
  public func path(ofFile number: UInt64, sections: DWARFSections) -> String? {
    guard let index = Int(exactly: number), files.indices.contains(index) else { return nil }
    let file = files[index]
    guard let name = text(file.name, sections), !name.isEmpty else { return nil }
    guard !name.hasPrefix("/"), let position = Int(exactly: file.directory),
      directories.indices.contains(position), let directory = text(directories[position], sections),
      !directory.isEmpty
    else { return name }
    let unitDirectory = text(directories[0], sections) ?? ""
    let isComplete = position == 0 || directory.hasPrefix("/") || !unitDirectory.hasPrefix("/")
    return (isComplete ? directory : unitDirectory + "/" + directory) + "/" + name
  }

  private func text(_ reference: StringReference, _ sections: DWARFSections) -> String? {
    (try? sections.string(reference)).map { String($0) }
  }
}
