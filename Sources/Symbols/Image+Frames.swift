public import DWARF
public import Machine

extension Image {
  /// How to find the caller's registers at this instruction, or nil: no call frame information covers it.
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
