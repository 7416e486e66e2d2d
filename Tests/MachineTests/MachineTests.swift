import Machine
import TestSupport
import Testing

@Suite struct AArch64PageTableTests {
  /// Tables at 0x1000 (level 1), 0x2000 (level 2), 0x3000 (level 3) for the 39-bit upper half.
  private func tables() -> FakePhysicalMemory {
    let memory = FakePhysicalMemory()
    memory.write(0x2003, at: 0x1000)  // level 1, index 0: table
    memory.write(0x8000_0701, at: 0x1008)  // level 1, index 1: 1 GiB block
    memory.write(0x3003, at: 0x2000)  // level 2, index 0: table
    memory.write(0x4020_0701, at: 0x2008)  // level 2, index 1: 2 MiB block
    memory.write(0x0060_0000_0005_5703, at: 0x3000)  // level 3, index 0: page, attributes above
    memory.write(0x5_5701, at: 0x3008)  // level 3, index 1: reserved encoding
    return memory
  }

  private let table = AArch64PageTable(root: PhysicalAddress(0x1000), addressBits: 39)

  @Test(
    arguments: [
      (0xffff_ff80_0000_0123, 0x5_5123, 0x1000),
      (0xffff_ff80_0020_1234, 0x4020_1234, 0x20_0000),
      (0xffff_ff80_4000_0010, 0x8000_0010, 0x4000_0000),
      // The lower half through the same tables, and with a tag in the top byte.
      (0x0000_0000_0000_0ff8, 0x5_5ff8, 0x1000),
      (0xab00_0000_0000_0ff8, 0x5_5ff8, 0x1000),
    ] as [(UInt64, UInt64, UInt64)])
  func translates(virtual: UInt64, physical: UInt64, byteCount: UInt64) throws {
    let mapping = try table.translate(Address(virtual), reading: tables())
    #expect(mapping.physicalAddress == PhysicalAddress(physical))
    #expect(mapping.byteCount == byteCount)
  }

  @Test(
    arguments: [
      (0xffff_ff80_8000_0000, .notMapped(level: 1)),
      (0xffff_ff80_0040_0000, .notMapped(level: 2)),
      (0xffff_ff80_0000_2000, .notMapped(level: 3)),
      // A level 3 descriptor of type 1 is reserved, not a page.
      (0xffff_ff80_0000_1000, .notMapped(level: 3)),
      (0x0000_0180_0000_0000, .nonCanonical),
      (0x0080_0000_0000_0000, .nonCanonical),
    ] as [(UInt64, MemoryError.Reason)])
  func refuses(virtual: UInt64, reason: MemoryError.Reason) {
    #expect(throws: MemoryError(Address(virtual), reason)) {
      try table.translate(Address(virtual), reading: tables())
    }
  }

  @Test func tablesThatPointToThemselvesEnd() throws {
    let memory = FakePhysicalMemory()
    for index in 0..<512 { memory.write(0x1003, at: 0x1000 + UInt64(index) * 8) }
    // After three levels the entry is taken as a page: the table itself.
    let mapping = try table.translate(Address(0x7f_ffff_f018), reading: memory)
    #expect(mapping.physicalAddress == PhysicalAddress(0x1018))
    #expect(memory.reads.count == 3)
  }

  @Test func fortyEightBitsStartAtLevelZero() throws {
    let memory = tables()
    memory.write(0x1003, at: 0x9000)
    let table = AArch64PageTable(root: PhysicalAddress(0x9000), addressBits: 48)
    let mapping = try table.translate(Address(0x20_1234), reading: memory)
    #expect(mapping.physicalAddress == PhysicalAddress(0x4020_1234))
  }

  @Test func rootIgnoresASIDAndCommonBit() {
    let table = AArch64PageTable(root: PhysicalAddress(0x0012_0000_0000_1001), addressBits: 39)
    #expect(table.root == PhysicalAddress(0x1000))
  }
}

@Suite struct CachedPhysicalMemoryTests {
  private let generation = CacheGeneration()
  private let base = FakePhysicalMemory(
    ranges: [PhysicalAddress(0x1000)..<PhysicalAddress(0x3800)])

  @Test func readsAPageOnceAGeneration() throws {
    base.write(0x1122_3344, at: 0x1ffc)
    let cache = CachedPhysicalMemory(base, generation: generation)
    #expect(try cache.readUnsigned(PhysicalAddress(0x1ffc), byteCount: 8) == 0x1122_3344)
    _ = try cache.read(PhysicalAddress(0x1000), count: 8192)
    #expect(base.reads.map(\.address) == [0x1000, 0x2000])
    #expect(base.reads.allSatisfy { $0.count == 4096 })

    base.write(0x55, at: 0x1ffc)
    #expect(try cache.readUnsigned(PhysicalAddress(0x1ffc), byteCount: 1) == 0x44)
    generation.advance()
    #expect(try cache.readUnsigned(PhysicalAddress(0x1ffc), byteCount: 1) == 0x55)
  }

  @Test func readsExactlyWhereRAMEnds() throws {
    let cache = CachedPhysicalMemory(base, generation: generation)
    _ = try cache.read(PhysicalAddress(0x3010), count: 4)
    _ = try cache.read(PhysicalAddress(0x3010), count: 4)
    #expect(base.reads.map(\.count) == [4, 4])
    #expect(throws: MemoryError(PhysicalAddress(0x4000), .notMemory)) {
      try cache.read(PhysicalAddress(0x4000), count: 1)
    }
  }
}

@Suite struct TranslatedMemoryTests {
  private let generation = CacheGeneration()

  @Test func crossesPagesThatAreApart() throws {
    let physical = FakePhysicalMemory()
    physical.write(0x2003, at: 0x1000)
    physical.write(0x3003, at: 0x2000)
    physical.write(0x7003, at: 0x3000)
    physical.write(0x5003, at: 0x3008)
    physical.write([1, 2], at: 0x7ffe)
    physical.write([3, 4], at: 0x5000)
    let table = AArch64PageTable(root: PhysicalAddress(0x1000), addressBits: 39)
    let memory = TranslatedMemory(physical, generation: generation) { _ in .table(table) }
    #expect(try memory.read(Address(0xffe), count: 4) == [1, 2, 3, 4])
    #expect(throws: MemoryError(Address(0x2000), .notMapped(level: 3))) {
      try memory.read(Address(0x1fff), count: 2)
    }
  }

  @Test func piecesEndWhereTheyEnd() throws {
    let physical = FakePhysicalMemory()
    physical.write([9, 8], at: 0x200)
    let piece = TranslatedMemory.Piece(
      virtual: Address(0x1000)..<Address(0x1002), physical: PhysicalAddress(0x200))
    let memory = TranslatedMemory(physical, generation: generation) { _ in .pieces([piece]) }
    #expect(try memory.read(Address(0x1000), count: 2) == [9, 8])
    #expect(throws: MemoryError.self) { try memory.read(Address(0x1002), count: 1) }
  }
}
