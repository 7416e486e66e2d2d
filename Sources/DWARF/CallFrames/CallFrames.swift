public import Machine

/// The call frame information of a file: `.eh_frame` and `.debug_frame`.
public struct CallFrames: Sendable {
  private struct Entry: Sendable {
    let start: UInt64
    let end: UInt64
    /// Position in `descriptions`.
    let description: Int
  }

  private let sections: DWARFSections
  private var entries: [Entry] = []
  private var descriptions: [FDE] = []
  private var cies: [CIE] = []
  /// Entries that could not be read and are missing.
  public private(set) var problems: [DWARFError] = []

  /// Reads the headers of all entries. `ehFrameAddress` is where `.eh_frame` is loaded.
  public init(_ sections: DWARFSections, ehFrameAddress: UInt64, addressByteCount: Int = 8) {
    self.sections = sections
    // First come, first served: `.eh_frame` is what the program itself unwinds by.
    for (section, address) in [(DWARFSection.ehFrame, ehFrameAddress), (.debugFrame, 0)] {
      var bases = PointerEncoding.Bases(section: address)
      bases.addressByteCount = addressByteCount
      read(section, bases)
    }
    entries.sort { ($0.start, $0.description) < ($1.start, $1.description) }
  }

  /// The code ranges that have call frame information, ascending; they may overlap in damaged
  /// files.
  public var functions: [Range<FileAddress>] {
    entries.map { FileAddress($0.start)..<FileAddress($0.end) }
  }

  /// The row of the unwind table for the instruction at `address`, or nil: no entry covers it.
  public func row(at address: FileAddress) throws(DWARFError) -> UnwindRow? {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].start <= address.rawValue { low = middle + 1 } else { high = middle }
    }
    for entry in entries[max(0, low - 4)..<low].reversed() where entry.end > address.rawValue {
      let description = descriptions[entry.description]
      var machine = CallFrameMachine(description, cie: cies[description.cie])
      return try machine.row(at: address.rawValue)
    }
    return nil
  }

  // MARK: Reading

  private mutating func read(_ section: DWARFSection, _ bases: PointerEncoding.Bases) {
    var known: [UInt64: Int] = [:]
    var offset: UInt64 = 0
    let size = UInt64(sections[section].count)
    while offset < size {
      var next = size
      do {
        try readEntry(section, at: offset, bases, &known, next: &next)
      } catch {
        problems.append(error)
      }
      offset = next
    }
  }

  private mutating func readEntry(
    _ section: DWARFSection, at offset: UInt64, _ bases: PointerEncoding.Bases,
    _ known: inout [UInt64: Int], next: inout UInt64
  ) throws(DWARFError) {
    var reader = try sections.reader(section, at: offset)
    let (end, offsetByteCount) = try reader.initialLength()
    next = end
    if end == reader.offset { return }  // a terminator; linkers put them in the middle too
    reader = try reader.limited(to: end)
    guard
      let cieOffset = try reader.ciePointer(isEH: section == .ehFrame, byteCount: offsetByteCount)
    else { return }
    let position: Int
    if let found = known[cieOffset] {
      position = found
    } else {
      cies.append(try cie(section, at: cieOffset, bases))
      position = cies.count - 1
      known[cieOffset] = position
    }
    guard
      let description = try FDE(
        reading: &reader, offset: offset, cie: cies[position], position: position, bases: bases)
    else { return }
    descriptions.append(description)
    entries.append(
      Entry(
        start: description.start, end: description.end, description: descriptions.count - 1))
  }

  private func cie(
    _ section: DWARFSection, at offset: UInt64, _ bases: PointerEncoding.Bases
  ) throws(DWARFError) -> CIE {
    guard offset < UInt64(sections[section].count) else {
      throw DWARFError(section, at: offset, .badCIEPointer(offset))
    }
    var reader = try sections.reader(section, at: offset)
    let (end, offsetByteCount) = try reader.initialLength()
    reader = try reader.limited(to: end)
    guard try reader.ciePointer(isEH: section == .ehFrame, byteCount: offsetByteCount) == nil else {
      throw DWARFError(section, at: offset, .badCIEPointer(offset))
    }
    return try CIE(reading: &reader, offset: offset, bases: bases)
  }
}

extension SectionReader {
  /// The offset of the CIE that an FDE names; nil: the entry is a CIE itself.
  fileprivate mutating func ciePointer(
    isEH: Bool, byteCount: Int
  ) throws(DWARFError) -> UInt64? {
    let place = offset
    // In `.eh_frame` the id has 4 bytes even in the 64-bit format, and counts backwards from
    // itself.
    if isEH {
      let distance = UInt64(try u32())
      if distance == 0 { return nil }
      guard distance <= place else {
        throw DWARFError(section, at: place, .badCIEPointer(place &- distance))
      }
      return place - distance
    }
    let pointer = try unsigned(byteCount: byteCount)
    return pointer == (byteCount == 8 ? .max : UInt64(UInt32.max)) ? nil : pointer
  }
}

/// The entry of one function (DWARF 5 §6.4.1; LSB Core, "Frame Description Entry Format").
struct FDE: Sendable {
  let offset: UInt64
  let cie: Int
  let start: UInt64
  let end: UInt64
  let lsda: UInt64?
  /// Its instructions.
  let program: SectionReader
  let bases: PointerEncoding.Bases

  /// Reads behind the CIE pointer; nil: the entry covers nothing.
  init?(
    reading reader: inout SectionReader, offset: UInt64, cie: CIE, position: Int,
    bases: PointerEncoding.Bases
  ) throws(DWARFError) {
    self.offset = offset
    self.cie = position
    var bases = bases
    bases.addressByteCount = cie.addressByteCount
    guard let start = try reader.pointer(cie.pointerEncoding, bases) else { return nil }
    let byteCount = try reader.rawPointer(
      cie.pointerEncoding, addressByteCount: cie.addressByteCount)
    let (end, overflow) = start.addingReportingOverflow(byteCount)
    guard !overflow, byteCount > 0 else { return nil }
    self.start = start
    self.end = end
    bases.function = start
    var lsda: UInt64?
    if cie.hasAugmentationData {
      let length = try reader.uleb128()
      guard length <= UInt64(reader.remaining) else { throw reader.error(.badLength(length)) }
      let end = reader.offset + length
      if length > 0 { lsda = try reader.pointer(cie.lsdaEncoding, bases) }
      try reader.seek(to: end)
    }
    self.lsda = lsda
    self.bases = bases
    program = reader
  }
}
