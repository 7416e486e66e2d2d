public import Binary

/// The sections that carry debugging information; raw values are their names in an ELF file.
public enum DWARFSection: String, Sendable, CaseIterable {
  case debugInfo = ".debug_info"
  case debugAbbrev = ".debug_abbrev"
  case debugStr = ".debug_str"
  case debugLineStr = ".debug_line_str"
  case debugStrOffsets = ".debug_str_offsets"
  case debugAddr = ".debug_addr"
  case debugLine = ".debug_line"
  case debugRanges = ".debug_ranges"
  case debugRnglists = ".debug_rnglists"
  case debugLoc = ".debug_loc"
  case debugLoclists = ".debug_loclists"
  case debugFrame = ".debug_frame"
  case ehFrame = ".eh_frame"
  case gccExceptTable = ".gcc_except_table"
}

/// The bytes of each section; a section that the file lacks is empty.
public struct DWARFSections: Sendable {
  public let endianness: Endianness
  private let contents: [Bytes]
  private static let none = Bytes([])

  /// Asks `contents` once for each section.
  public init(
    endianness: Endianness = .little, _ contents: (DWARFSection) -> Bytes?
  ) {
    self.endianness = endianness
    self.contents = DWARFSection.allCases.map { contents($0) ?? Self.none }
  }

  public subscript(section: DWARFSection) -> Bytes {
    contents[section.index]
  }

  /// A reader at `offset` of a section.
  func reader(
    _ section: DWARFSection, at offset: UInt64 = 0
  ) throws(DWARFError) -> SectionReader {
    var reader = SectionReader(self[section], section: section, endianness: endianness)
    try reader.seek(to: offset)
    return reader
  }
}

extension DWARFSection {
  // A switch and not `firstIndex`: this is asked often.
  fileprivate var index: Int {
    switch self {
    case .debugInfo: 0
    case .debugAbbrev: 1
    case .debugStr: 2
    case .debugLineStr: 3
    case .debugStrOffsets: 4
    case .debugAddr: 5
    case .debugLine: 6
    case .debugRanges: 7
    case .debugRnglists: 8
    case .debugLoc: 9
    case .debugLoclists: 10
    case .debugFrame: 11
    case .ehFrame: 12
    case .gccExceptTable: 13
    }
  }
}
