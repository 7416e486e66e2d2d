import Binary
import Machine
import TestSupport
import Testing

@testable import Symbols

/// Images put together by hand: what no compiler writes, and what ours does not.
struct AssembledImageTests {
  private func image(
    _ fill: (DWARFBuilder) -> Void
  ) throws -> (image: Image, firstDIE: UInt64) {
    let builder = DWARFBuilder(version: 4)
    builder.abbreviation(1, tag: 0x11, hasChildren: true)
    builder.dies.u8(1)
    fill(builder)
    builder.dies.u8(0)
    var file = ELFBuilder()
    file.sections = [
      .init(".debug_info", contents: builder.info()),
      .init(".debug_abbrev", contents: builder.abbrev()),
    ]
    file.segments = [.init(flags: 5, address: 0x1000, contents: [UInt8](repeating: 0, count: 256))]
    file.symbols = [.init("code", value: 0x1000, byteCount: 16)]
    return (
      try Image(Bytes(file.build().file), path: "assembled"),
      UInt64(builder.headerByteCount) + 1
    )
  }

  @Test func withoutDebugInformation() throws {
    var file = ELFBuilder()
    file.segments = [.init(flags: 5, address: 0x1000, contents: [1, 2, 3, 4])]
    file.symbols = [
      .init("code", value: 0x1000, byteCount: 2), .init("bare", value: 0x1002, byteCount: 0),
    ]
    let image = try Image(Bytes(file.build().file), path: "x")
    #expect(!image.hasDebugInformation && image.buildID == nil && image.name == "x")
    #expect(
      try image.functions(named: "code").map(\.ranges) == [
        [FileAddress(0x1000)..<FileAddress(0x1002)]
      ])
    // A label without a size reaches to the end of what is loaded.
    #expect(try image.function(containing: FileAddress(0x1003))?.qualifiedName == "bare")
    #expect(try image.unwindRow(at: FileAddress(0x1000)) == nil)
    #expect(try image.sourceLocation(of: FileAddress(0x1000)) == nil)
    #expect(image.contents(at: FileAddress(0x1001), count: 3)?.array == [2, 3, 4])
    #expect(image.contents(at: FileAddress(0x1001), count: 4) == nil)
  }

  @Test func wrongMachine() {
    var file = ELFBuilder()
    file.machine = 62
    let error = SymbolError(
      .unusableFile, file: "x", reason: "unknown machine 62", hint: "kscope knows aarch64")
    #expect(throws: error) { try Image(Bytes(file.build().file), path: "x") }
  }

  /// typedef a -> a, and a chain of two.
  @Test func cycles() throws {
    let (image, first) = try image { builder in
      builder.abbreviation(2, tag: 0x16, [(0x03, 0x08), (0x49, 0x13)])
      builder.abbreviation(3, tag: 0x0f, [(0x49, 0x13)])
      let start = UInt32(builder.headerByteCount) + 1
      builder.dies.u8(2).cString("a").u32(start)
      builder.dies.u8(3).u32(start + 7)
    }
    let alias = try #require(try image.type(named: "a"))
    guard case .alias(let target) = alias.kind else { throw Unexpected() }
    #expect(try target.resolve() === alias)
    #expect(alias.byteCount == nil)
    #expect(try image.type(id: first + 7).name.hasSuffix("<cycle>"))
  }

  /// Two functions that complete each other.
  @Test func originCycles() throws {
    let (image, _) = try image { builder in
      builder.abbreviation(2, tag: 0x2e, [(0x31, 0x13), (0x11, 0x01), (0x12, 0x06)])
      let start = UInt32(builder.headerByteCount) + 1
      builder.dies.u8(2).u32(start + 17).u64(0x1000).u32(8)
      builder.dies.u8(2).u32(start).u64(0x1008).u32(8)
    }
    // The names are lost, not the functions; the symbol table helps out.
    #expect(image.index.code.count == 2)
    #expect(try image.function(containing: FileAddress(0x1004))?.qualifiedName == "code")
    #expect(try image.function(containing: FileAddress(0x100c))?.qualifiedName == "<unnamed>")
    #expect(try image.functions(named: "x").isEmpty)
  }

  /// struct { variant_part { discr u8; variant 1, 5..=7; default } } and a value of one's complement.
  @Test func variants() throws {
    let (image, first) = try image { builder in
      builder.abbreviation(2, tag: 0x24, [(0x03, 0x08), (0x0b, 0x0b), (0x3e, 0x0b)])
      builder.abbreviation(3, tag: 0x13, hasChildren: true, [(0x03, 0x08), (0x0b, 0x0b)])
      builder.abbreviation(4, tag: 0x33, hasChildren: true, [(0x15, 0x13)])
      builder.abbreviation(5, tag: 0x0d, [(0x03, 0x08), (0x49, 0x13), (0x38, 0x0b)])
      builder.abbreviation(6, tag: 0x19, hasChildren: true, [(0x3d, 0x0a)])
      builder.abbreviation(7, tag: 0x19, hasChildren: true, [(0x16, 0x0d)])
      builder.abbreviation(8, tag: 0x19, hasChildren: true)
      let base = UInt32(builder.headerByteCount)
      let byte = base + 1
      builder.dies.u8(2).cString("u8").u8(1).u8(7)
      builder.dies.u8(3).cString("E").u8(2)
      builder.dies.u8(4).u32(base + UInt32(builder.dies.count) + 4)
      builder.dies.u8(5).cString("tag").u32(byte).u8(0)
      builder.dies.u8(6).u8(5).append([0, 1, 1, 5, 7])
      builder.dies.u8(5).cString("A").u32(byte).u8(1).u8(0)
      builder.dies.u8(7).sleb128(-1).u8(5).cString("B").u32(byte).u8(1).u8(0)
      builder.dies.u8(8).u8(5).cString("C").u32(byte).u8(1).u8(0)
      builder.dies.u8(0).u8(0)
    }
    guard case .structure(let composite) = try #require(try image.type(named: "E")).kind else {
      throw Unexpected()
    }
    let part = try #require(composite.variants)
    #expect(part.discriminant?.name == "tag")
    #expect(part.variants.map(\.member.name) == ["A", "B", "C"])
    #expect(part.variants.map(\.discriminants) == [[1...1, 5...7], [255...255], nil])
    #expect(try image.type(id: first).name == "u8")
    #expect(throws: SymbolError.self) { try image.type(id: 0xffff_ffff) }
    #expect(throws: SymbolError.self) { try image.type(id: 0) }
  }

  private struct Unexpected: Error {}
}
