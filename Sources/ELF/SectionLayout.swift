import Binary

extension ELFFile {
  /// Where each section is, by its index. Linked files say it themselves; the sections of a
  /// relocatable file that will be loaded are laid out one after the other from address 0, as a
  /// loader might, so that no two of them share an address.
  static func sectionAddresses(_ sections: [ELFSection], _ header: ELFHeader) -> [UInt64] {
    guard header.type == .relocatable else { return sections.map(\.virtualAddress) }
    var next: UInt64 = 0
    return sections.map { section in
      guard section.isAllocated else { return 0 }
      let alignment = max(section.alignment, 1)
      let (up, overflow) = next.addingReportingOverflow(alignment - 1)
      guard !overflow else { return 0 }
      let address = up - up % alignment
      next = address &+ section.byteCount
      return next >= address ? address : 0
    }
  }

  /// Address of a section; see `sectionAddresses`.
  public func address(of section: ELFSection) -> UInt64 {
    sectionAddresses.indices.contains(section.index) ? sectionAddresses[section.index] : 0
  }
}
