import Binary
import ELF
import TestSupport
import Testing

struct Shape: Sendable, CustomTestStringConvertible {
  let is64Bit: Bool
  let endianness: Endianness
  var testDescription: String { "\(is64Bit ? 64 : 32)-bit \(endianness)" }

  static let all = [true, false].flatMap { is64Bit in
    [Endianness.little, .big].map { Shape(is64Bit: is64Bit, endianness: $0) }
  }

  func builder() -> ELFBuilder {
    var builder = ELFBuilder(is64Bit: is64Bit, endianness: endianness)
    builder.entry = 0x4020_0000
    builder.sections = [
      .init(".text", flags: 6, address: 0x4020_0000, contents: [1, 2, 3, 4]),
      .init(".debug_info", contents: [9, 9]),
    ]
    builder.segments = [
      .init(
        flags: 5, address: 0x4020_0000, physicalAddress: 0x1000, contents: [1, 2, 3, 4],
        memoryByteCount: 16),
      .init(
        type: 4,
        contents: ELFBuilder.note("GNU", type: 3, contents: [0xab, 0xcd], endianness: endianness)
          + ELFBuilder.note("CORE", type: 1, contents: [7, 7, 7], endianness: endianness)),
    ]
    builder.symbols = [
      .init("main", value: 0x4020_0000, byteCount: 4),
      .init("later", value: 0x4020_0004, byteCount: 0, info: 0),
    ]
    return builder
  }
}

struct ELFTests {
  @Test(arguments: Shape.all)
  func readsEverything(shape: Shape) throws {
    let file = try ELFFile(Bytes(shape.builder().build().file), path: "x")
    #expect(file.problems.isEmpty)
    #expect(file.header.type == .executable)
    #expect(file.header.machine == 183)
    #expect(file.header.entry == 0x4020_0000)
    #expect(file.header.wordByteCount == (shape.is64Bit ? 8 : 4))
    #expect(file.sections.map(\.name).contains(".text"))
    #expect(try file.contents(ofSectionNamed: ".text")?.array == [1, 2, 3, 4])
    #expect(try file.contents(ofSectionNamed: ".none") == nil)
    #expect(file.segments.count == 2)
    let load = file.segments[0]
    #expect(load.isLoad && load.isExecutable && !load.isWritable)
    #expect(load.virtualAddress == 0x4020_0000 && load.physicalAddress == 0x1000)
    #expect(load.fileByteCount == 4 && load.memoryByteCount == 16)
    #expect(file.contents(of: load).array == [1, 2, 3, 4])
    #expect(file.buildID == [0xab, 0xcd])
    #expect(file.notes().map(\.name) == ["GNU", "CORE"])
    #expect(file.notes().last?.contents.array == [7, 7, 7])
    let symbols = try file.symbols()
    #expect(symbols.map { String($0.name) } == ["main", "later"])
    #expect(symbols[0].value == 0x4020_0000 && symbols[0].byteCount == 4)
    #expect(symbols[0].kind == .function && symbols[0].isGlobal && symbols[0].isDefined)
  }

  @Test(arguments: [
    ([], ELFError(at: 0, .notELF)),
    ([0x7f, 0x45, 0x4c, 0x47], ELFError(at: 0, .notELF)),
    ([0x7f, 0x45, 0x4c, 0x46], ELFError(at: 0, .truncatedHeader)),
  ])
  func refusesShortFiles(bytes: [UInt8], error: ELFError) {
    #expect(throws: error) { try ELFFile(Bytes(bytes), path: "x") }
  }

  @Test(
    arguments: [
      (4, 3, ELFError(at: 4, .unknownClass(3))),
      (5, 0, ELFError(at: 5, .unknownEncoding(0))),
      (6, 2, ELFError(at: 6, .unknownVersion(2))),
    ] as [(Int, UInt8, ELFError)])
  func refusesBadIdentification(offset: Int, value: UInt8, error: ELFError) {
    var file = ELFBuilder().build().file
    file[offset] = value
    #expect(throws: error) { try ELFFile(Bytes(file), path: "x") }
  }

  /// Offsets of the ELF64 header's fields, a value for each, and the problem it makes.
  @Test func tellsProblemsOfTables() throws {
    let (good, sectionTable) = Shape(is64Bit: true, endianness: .little).builder().build()
    func problems(_ offset: Int, _ bytes: [UInt8]) throws -> [ELFError] {
      var file = good
      file.replaceSubrange(offset..<offset + bytes.count, with: bytes)
      return try ELFFile(Bytes(file), path: "x").problems
    }
    let size = UInt64(sectionTable)
    #expect(
      try problems(58, [1, 0]) == [
        ELFError(at: size, .badEntrySize(.sections, found: 1, expected: 64))
      ])
    #expect(
      try problems(54, [0, 0]) == [
        ELFError(at: 64, .badEntrySize(.segments, found: 0, expected: 56))
      ])
    let ones = [UInt8](repeating: 0xff, count: 8)
    #expect(
      try problems(32, ones) == [
        ELFError(at: .max, .tableOutsideFile(.segments, byteCount: 112))
      ])
    #expect(try problems(62, [0x70, 0]) == [ELFError(at: size, .badStringTable(index: 0x70))])
    // e_shnum 0: the count comes from section 0, here an absurd one.
    var file = good
    file[60] = 0
    file.replaceSubrange(sectionTable + 32..<sectionTable + 40, with: ones)
    #expect(
      try ELFFile(Bytes(file), path: "x").problems == [
        ELFError(at: size, .tableOutsideFile(.sections, byteCount: .max))
      ])
  }

  @Test func tellsBadSections() throws {
    var builder = ELFBuilder()
    builder.sections = [
      .init(".gone", contents: [1]), .init(".packed", flags: 0x800, contents: [1]),
    ]
    let (good, table) = builder.build()
    var file = good
    file.replaceSubrange(
      table + 64 + 32..<table + 64 + 40, with: [UInt8](repeating: 0xff, count: 8))
    let elf = try ELFFile(Bytes(file), path: "x")
    let offsets = elf.sections.map(\.offset)
    #expect(throws: ELFError(at: offsets[1], .sectionOutsideFile(".gone"))) {
      try elf.contents(ofSectionNamed: ".gone")
    }
    let cutOff = ELFError.Kind.badCompression(
      section: ".packed", reason: "the compression header is cut off")
    #expect(throws: ELFError(at: offsets[2], cutOff)) {
      try elf.contents(ofSectionNamed: ".packed")
    }
  }

  @Test func tellsBadSymbolTables() throws {
    var builder = ELFBuilder()
    builder.sections = [
      .init(".symtab", type: 2, contents: [1, 2, 3], link: 2, entryByteCount: 0)
    ]
    let zero = try ELFFile(Bytes(builder.build().file), path: "x")
    #expect(
      throws: ELFError(at: zero.sections[1].offset, .badEntrySize(.symbols, found: 0, expected: 24))
    ) { try zero.symbols() }
    builder.sections[0].entryByteCount = 24
    builder.sections[0].link = 77
    let unlinked = try ELFFile(Bytes(builder.build().file), path: "x")
    #expect(throws: ELFError(at: unlinked.sections[1].offset, .badStringTable(index: 77))) {
      try unlinked.symbols()
    }
  }

  @Test func keepsNotesBeforeABadOne() throws {
    var builder = ELFBuilder()
    var notes = ELFBuilder.note("CORE", type: 1, contents: [1, 2])
    let good = notes.count
    notes += [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0]
    builder.segments = [.init(type: 4, contents: notes)]
    let file = try ELFFile(Bytes(builder.build().file), path: "x")
    let found = file.notes(in: file.segments[0])
    #expect(found.notes.map(\.type) == [1])
    #expect(found.problem == ELFError(at: file.segments[0].offset + UInt64(good), .noteOverrun))
  }

  @Test func clipsSegmentsOfACutFile() throws {
    var builder = ELFBuilder()
    builder.segments = [.init(contents: [1, 2, 3, 4, 5, 6, 7, 8])]
    let file = builder.build().file
    let offset = try #require(try ELFFile(Bytes(file), path: "x").segments.first).offset
    let cut = try ELFFile(Bytes(file[..<(Int(offset) + 3)]), path: "x")
    #expect(cut.contents(of: cut.segments[0]).array == [1, 2, 3])
  }

  /// Cut at every length and with every byte flipped, reading ends in values or errors, not traps.
  @Test func survivesDamage() throws {
    let good = Shape(is64Bit: true, endianness: .little).builder().build().file
    func readAll(_ file: [UInt8]) {
      guard let elf = try? ELFFile(Bytes(file), path: "x") else { return }
      _ = try? elf.symbols()
      _ = elf.buildID
      for section in elf.sections { _ = try? elf.contents(of: section) }
      for segment in elf.segments { _ = elf.contents(of: segment).count }
    }
    for length in good.indices { readAll(Array(good[..<length])) }
    for index in good.indices {
      var file = good
      for value: UInt8 in [0, 0x7f, 0xff] {
        file[index] = value
        readAll(file)
      }
    }
  }
}
