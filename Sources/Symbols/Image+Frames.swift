public import DWARF
public import Machine

extension Image {
  /// How to find the caller's registers at this instruction, or nil: no call frame information
  /// covers it.
  public func unwindRow(at address: FileAddress) throws(SymbolError) -> UnwindRow? {
    try wrapping { () throws(DWARFError) in try callFrames().row(at: address) }
  }

  func callFrames() -> CallFrames {
    if let known = caches.withLock({ $0.callFrames }) { return known }
    let made = CallFrames(
      sections,
      ehFrameAddress: file.section(named: DWARFSection.ehFrame.rawValue)?.virtualAddress ?? 0,
      addressByteCount: architecture.pointerByteCount)
    caches.withLock { $0.callFrames = made }
    return made
  }
}

extension Image {
  /// The exception table of the function that a row belongs to, or nil: it has none.
  public func exceptionTable(of row: UnwindRow) throws(SymbolError) -> LSDA? {
    let name = DWARFSection.gccExceptTable.rawValue
    guard let address = row.lsda, let section = file.section(named: name) else { return nil }
    return try wrapping { () throws(DWARFError) in
      try LSDA(
        reading: sections[.gccExceptTable], at: address,
        sectionAddress: FileAddress(section.virtualAddress), function: row.function.lowerBound,
        endianness: architecture.endianness, addressByteCount: architecture.pointerByteCount)
    }
  }
}
