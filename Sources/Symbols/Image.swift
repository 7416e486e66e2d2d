public import Binary
import DWARF
import ELF
public import Machine
import Synchronization

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

  let file: ELFFile
  let information: DebugInformation
  let index: SymbolIndex
  let caches = Mutex(ImageCaches())

  /// Opens, checks and indexes a file. A file without debugging information is accepted, see
  /// `hasDebugInformation`.
  public convenience init(path: String) throws(SymbolError) {
    let bytes: Bytes
    do {
      bytes = try Bytes(mapping: path)
    } catch {
      throw SymbolError(.unusableFile, file: path, reason: "\(error.operation): \(error.reason)")
    }
    try self.init(bytes, path: path)
  }

  /// Checks and indexes the bytes of a file.
  package init(_ bytes: Bytes, path: String) throws(SymbolError) {
    self.path = path
    name = String(path.split(separator: "/").last ?? Substring(path))
    do {
      file = try ELFFile(bytes, path: path)
    } catch {
      throw SymbolError(.unusableFile, file: path, reason: "\(error)")
    }
    architecture = try Self.architecture(of: file)
    buildID = file.buildID
    entry = FileAddress(file.header.entry)
    segments = Self.segments(of: file)
    let (sections, problems) = file.debugSections()
    information = DebugInformation(sections)
    let extents = segments.map(\.addresses)
    index = SymbolIndex(information) { address in
      extents.isEmpty || extents.contains { $0.contains(FileAddress(address)) }
    }
    self.problems = (problems + index.problems.map { "\($0)" })
  }

  /// Parts of the file that could not be read and are missing from all answers, each with the
  /// reason.
  public let problems: [String]

  private static func architecture(of file: ELFFile) throws(SymbolError) -> Architecture {
    guard let architecture = Architecture.forELF(machine: file.header.machine) else {
      throw SymbolError(
        .unusableFile, file: file.path, reason: "unknown machine \(file.header.machine)",
        hint: "kscope knows aarch64")
    }
    guard architecture.endianness == file.header.endianness,
      architecture.pointerByteCount == file.header.wordByteCount
    else {
      throw SymbolError(
        .unusableFile, file: file.path,
        reason: "class or byte order is not that of \(architecture.name)")
    }
    return architecture
  }

  /// Whether there is any DWARF; without it only symbols are known.
  public var hasDebugInformation: Bool { !information.units.isEmpty }

  var sections: DWARFSections { information.sections }

  // MARK: Contents

  /// The file's own bytes at `address` (of any loaded segment), for proof against the target; nil
  /// when not all are in the file.
  public func contents(at address: FileAddress, count: Int) -> Bytes? {
    guard let wanted = UInt64(exactly: count) else { return nil }
    if file.header.type == .relocatable { return sectionContents(at: address, count: wanted) }
    for segment in file.segments where segment.isLoad {
      let offset = address.rawValue &- segment.virtualAddress
      if address.rawValue >= segment.virtualAddress, offset < segment.fileByteCount,
        let found = file.contents(of: segment).slice(at: offset, count: wanted)
      {
        return found
      }
    }
    return nil
  }

  private func sectionContents(at address: FileAddress, count: UInt64) -> Bytes? {
    for section in file.sections where section.isAllocated && !section.isNoBits {
      let offset = address.rawValue &- file.address(of: section)
      if address.rawValue >= file.address(of: section), offset < section.byteCount {
        return (try? file.relocatedContents(of: section))?.slice(at: offset, count: count)
      }
    }
    return nil
  }

  /// What is loaded; of a relocatable file, which has no segments, its sections.
  private static func segments(of file: ELFFile) -> [ImageSegment] {
    guard file.header.type == .relocatable else {
      return file.segments.compactMap(ImageSegment.init)
    }
    return file.sections.filter { $0.isAllocated && $0.byteCount > 0 }.compactMap { section in
      let start = file.address(of: section)
      let (end, overflow) = start.addingReportingOverflow(section.byteCount)
      guard !overflow else { return nil }
      return ImageSegment(
        addresses: FileAddress(start)..<FileAddress(end),
        physicalAddress: PhysicalAddress(start), isWritable: section.isWritable,
        isExecutable: section.isExecutable)
    }
  }

  /// Runs `body` and adds the file to what it throws.
  func wrapping<T>(_ body: () throws(DWARFError) -> T) throws(SymbolError) -> T {
    do {
      return try body()
    } catch {
      throw SymbolError(.malformed, file: path, reason: "\(error)")
    }
  }

  /// Whether an address lies in code that is loaded.
  func isCode(_ address: FileAddress) -> Bool {
    segments.contains { $0.isExecutable && $0.addresses.contains(address) }
  }
}

extension ImageSegment {
  fileprivate init?(_ segment: ELFSegment) {
    let (end, overflow) = segment.virtualAddress.addingReportingOverflow(segment.memoryByteCount)
    guard segment.isLoad, !overflow else { return nil }
    self.init(
      addresses: FileAddress(segment.virtualAddress)..<FileAddress(end),
      physicalAddress: PhysicalAddress(segment.physicalAddress), isWritable: segment.isWritable,
      isExecutable: segment.isExecutable)
  }
}

extension ELFFile {
  /// The sections of debugging information, and why some of them are unusable.
  fileprivate func debugSections() -> (DWARFSections, problems: [String]) {
    var problems = self.problems.map { "\($0)" }
    let sections = DWARFSections(endianness: header.endianness) { section in
      do {
        return try contents(ofSectionNamed: section.rawValue)
      } catch {
        problems.append("\(error)")
        return nil
      }
    }
    return (sections, problems)
  }
}
