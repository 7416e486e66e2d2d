public import Binary

/// Assembles an ELF file of either class and byte order.
public struct ELFBuilder: Sendable {
  public struct Section: Sendable {
    public var name: String
    public var type: UInt32
    public var flags: UInt64
    public var address: UInt64
    public var contents: [UInt8]
    public var link: UInt32
    public var entryByteCount: UInt64
    public var alignment: UInt64 = 1

    public init(
      _ name: String, type: UInt32 = 1, flags: UInt64 = 0, address: UInt64 = 0,
      contents: [UInt8], link: UInt32 = 0, entryByteCount: UInt64 = 0
    ) {
      self.name = name
      self.type = type
      self.flags = flags
      self.address = address
      self.contents = contents
      self.link = link
      self.entryByteCount = entryByteCount
    }
  }

  public struct Segment: Sendable {
    public var type: UInt32
    public var flags: UInt32
    public var address: UInt64
    public var physicalAddress: UInt64
    public var contents: [UInt8]
    public var memoryByteCount: UInt64
    public var alignment: UInt64

    public init(
      type: UInt32 = 1, flags: UInt32 = 4, address: UInt64 = 0, physicalAddress: UInt64? = nil,
      contents: [UInt8], memoryByteCount: UInt64? = nil, alignment: UInt64 = 4
    ) {
      self.type = type
      self.flags = flags
      self.address = address
      self.physicalAddress = physicalAddress ?? address
      self.contents = contents
      self.memoryByteCount = memoryByteCount ?? UInt64(contents.count)
      self.alignment = alignment
    }
  }

  public struct Symbol: Sendable {
    public var name: String
    public var value: UInt64
    public var byteCount: UInt64
    public var info: UInt8
    public var sectionIndex: UInt16

    public init(
      _ name: String, value: UInt64, byteCount: UInt64, info: UInt8 = 0x12,
      sectionIndex: UInt16 = 1
    ) {
      self.name = name
      self.value = value
      self.byteCount = byteCount
      self.info = info
      self.sectionIndex = sectionIndex
    }
  }

  public var is64Bit: Bool
  public var endianness: Endianness
  public var type: UInt16 = 2
  public var machine: UInt16 = 183
  public var entry: UInt64 = 0
  public var sections: [Section] = []
  public var segments: [Segment] = []
  /// When not empty, `.symtab` and `.strtab` are added.
  public var symbols: [Symbol] = []

  public init(is64Bit: Bool = true, endianness: Endianness = .little) {
    self.is64Bit = is64Bit
    self.endianness = endianness
  }

  /// Offset of the program headers in the file.
  public var segmentTableOffset: Int { is64Bit ? 64 : 52 }

  /// A note as it stands in a `PT_NOTE` segment.
  public static func note(
    _ name: String, type: UInt32, contents: [UInt8], endianness: Endianness = .little
  ) -> [UInt8] {
    let note = SectionBuilder(endianness)
    note.u32(UInt32(name.utf8.count + 1)).u32(UInt32(contents.count)).u32(type)
    note.cString(name).align(to: 4).append(contents).align(to: 4)
    return note.array
  }

  /// The file, and where its section headers begin.
  public func build() -> (file: [UInt8], sectionTableOffset: Int) {
    let all = allSections()
    let segmentSize = is64Bit ? 56 : 32
    var offset = segmentTableOffset + segments.count * segmentSize
    var data: [UInt8] = []
    func place(_ contents: [UInt8]) -> UInt64 {
      while (offset + data.count) % 8 != 0 { data.append(0) }
      let place = offset + data.count
      data += contents
      return UInt64(place)
    }
    let segmentOffsets = segments.map { place($0.contents) }
    let sectionOffsets = all.map { place($0.contents) }
    _ = place([])
    offset += data.count
    let file = header(sectionTableOffset: offset, sectionCount: all.count)
    for (segment, place) in zip(segments, segmentOffsets) { append(segment, at: place, to: file) }
    file.append(data)
    append(all, offsets: sectionOffsets, to: file)
    return (file.array, offset)
  }

  private func allSections() -> [Section] {
    var all = [Section("", type: 0, contents: [])] + sections
    if !symbols.isEmpty {
      let strings = SectionBuilder(endianness)
      strings.u8(0)
      let table = SectionBuilder(endianness)
      append(Symbol("", value: 0, byteCount: 0, info: 0, sectionIndex: 0), name: 0, to: table)
      for symbol in symbols {
        append(symbol, name: UInt32(strings.count), to: table)
        strings.cString(symbol.name)
      }
      let size: UInt64 = is64Bit ? 24 : 16
      all.append(
        Section(
          ".symtab", type: 2, contents: table.array, link: UInt32(all.count + 1),
          entryByteCount: size))
      all.append(Section(".strtab", type: 3, contents: strings.array))
    }
    let names = SectionBuilder(endianness)
    for section in all { names.cString(section.name) }
    names.cString(".shstrtab")
    all.append(Section(".shstrtab", type: 3, contents: names.array))
    return all
  }

  private func append(_ symbol: Symbol, name: UInt32, to table: SectionBuilder) {
    table.u32(name)
    if is64Bit {
      table.u8(symbol.info).u8(0).u16(symbol.sectionIndex).u64(symbol.value).u64(symbol.byteCount)
    } else {
      table.u32(UInt32(symbol.value)).u32(UInt32(symbol.byteCount)).u8(symbol.info).u8(0)
        .u16(symbol.sectionIndex)
    }
  }

  private func header(sectionTableOffset: Int, sectionCount: Int) -> SectionBuilder {
    let word = is64Bit ? 8 : 4
    let file = SectionBuilder(endianness)
    file.append([0x7f, 0x45, 0x4c, 0x46, is64Bit ? 2 : 1, endianness == .little ? 1 : 2, 1])
    file.append([UInt8](repeating: 0, count: 9))
    file.u16(type).u16(machine).u32(1).unsigned(entry, byteCount: word)
    file.unsigned(UInt64(segmentTableOffset), byteCount: word)
    file.unsigned(UInt64(sectionTableOffset), byteCount: word).u32(0)
    file.u16(is64Bit ? 64 : 52).u16(is64Bit ? 56 : 32).u16(UInt16(segments.count))
    file.u16(is64Bit ? 64 : 40).u16(UInt16(sectionCount)).u16(UInt16(sectionCount - 1))
    return file
  }

  private func append(_ segment: Segment, at offset: UInt64, to file: SectionBuilder) {
    let word = is64Bit ? 8 : 4
    file.u32(segment.type)
    if is64Bit { file.u32(segment.flags) }
    file.unsigned(offset, byteCount: word).unsigned(segment.address, byteCount: word)
    file.unsigned(segment.physicalAddress, byteCount: word)
    file.unsigned(UInt64(segment.contents.count), byteCount: word)
    file.unsigned(segment.memoryByteCount, byteCount: word)
    if !is64Bit { file.u32(segment.flags) }
    file.unsigned(segment.alignment, byteCount: word)
  }

  private func append(_ all: [Section], offsets: [UInt64], to file: SectionBuilder) {
    let word = is64Bit ? 8 : 4
    var name = 0
    for (section, offset) in zip(all, offsets) {
      file.u32(UInt32(name)).u32(section.type).unsigned(section.flags, byteCount: word)
      file.unsigned(section.address, byteCount: word).unsigned(offset, byteCount: word)
      file.unsigned(UInt64(section.contents.count), byteCount: word)
      file.u32(section.link).u32(0).unsigned(section.alignment, byteCount: word)
      file.unsigned(section.entryByteCount, byteCount: word)
      name += section.name.utf8.count + 1
    }
  }
}
