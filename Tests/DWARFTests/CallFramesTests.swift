import Binary
import DWARF
import Machine
import TestSupport
import Testing

struct CallFramesTests {
  /// `.eh_frame` at 0x4000 with a CIE (code alignment 4, data alignment -8, RA 30, pc-relative
  /// pointers) and one FDE for 0x1000..<0x1100.
  private func frames(
    augmentation: String = "zR", cieData: [UInt8] = [0x1b], cie: [UInt8] = [0x0c, 31, 0],
    fdeData: [UInt8] = [], _ instructions: [UInt8], cieVersion: UInt8 = 1
  ) -> CallFrames {
    CallFrames(
      sections([
        .ehFrame: ehFrame(
          augmentation: augmentation, cieData: cieData, cie: cie, fdeData: fdeData, instructions,
          cieVersion: cieVersion)
      ]), ehFrameAddress: 0x4000)
  }

  private func ehFrame(
    augmentation: String, cieData: [UInt8], cie: [UInt8], fdeData: [UInt8],
    _ instructions: [UInt8], cieVersion: UInt8
  ) -> [UInt8] {
    let section = SectionBuilder()
    section.u32(0).u32(0).u8(cieVersion).cString(augmentation).uleb128(4).sleb128(-8).u8(30)
    if augmentation.hasPrefix("z") { section.uleb128(UInt64(cieData.count)).append(cieData) }
    section.append(cie).align(to: 4)
    section.patch(u32: UInt32(section.count - 4), at: 0)
    let start = section.count
    section.u32(0).u32(UInt32(start + 4))
    section.u32(UInt32(bitPattern: Int32(0x1000 - (0x4000 + section.count)))).u32(0x100)
    if augmentation.hasPrefix("z") { section.uleb128(UInt64(fdeData.count)).append(fdeData) }
    section.append(instructions)
    while section.count % 4 != 0 { section.u8(0) }
    section.patch(u32: UInt32(section.count - start - 4), at: start)
    return section.u32(0).array
  }

  @Test func rows() throws {
    let frames = frames([
      0x41, 0x0e, 16, 0x9d, 2, 0x9e, 1,  // 0x1004: CFA = sp+16, x29 at -16, x30 at -8
      0x0a, 0x41, 0x0d, 29,  // 0x1008: CFA = x29+16
      0x02, 2, 0x0b, 0xde,  // 0x1010: as before, x30 as at first
      0x41, 0x2d, 0x07, 19, 0x08, 20, 0x09, 21, 22,  // 0x1014: signed; x19, x20, x21
      0x41, 0x0f, 2, 0x8f, 0, 0x10, 1, 1, 0x31, 0x16, 2, 1, 0x32,  // 0x1018: expressions
      0x41, 0x13, 0x7e, 0x12,  // an offset for an expression: malformed
    ])
    #expect(frames.problems.isEmpty)
    #expect(frames.functions == [FileAddress(0x1000)..<FileAddress(0x1100)])
    func row(_ address: UInt64) throws -> UnwindRow? { try frames.row(at: FileAddress(address)) }
    #expect(try row(0xfff) == nil)
    #expect(try row(0x1100) == nil)
    let first = try #require(try row(0x1003))
    #expect(first.cfa == .register(31, offset: 0) && first.rules.isEmpty)
    #expect(first.returnAddressRegister == 30)
    #expect(first.function == FileAddress(0x1000)..<FileAddress(0x1100))
    let second = try #require(try row(0x1004))
    #expect(second.cfa == .register(31, offset: 16))
    #expect(second.rules == [29: .offset(-16), 30: .offset(-8)])
    #expect(try row(0x100f)?.cfa == .register(29, offset: 16))
    #expect(try row(0x1010)?.cfa == .register(31, offset: 16))
    #expect(try row(0x1010)?.rules == [29: .offset(-16)])
    let fourth = try #require(try row(0x1014))
    #expect(fourth.isReturnAddressSigned)
    #expect(
      fourth.rules == [29: .offset(-16), 19: .undefined, 20: .sameValue, 21: .register(22)])
    let fifth = try #require(try row(0x1018))
    #expect(fifth.cfa == .expression([0x8f, 0]))
    #expect(fifth.rules[1] == .expression([0x31]) && fifth.rules[2] == .valueExpression([0x32]))
    #expect(throws: DWARFError.self) { try row(0x101c) }
  }

  @Test func offsets() throws {
    let frames = frames([
      0x05, 40, 3, 0x11, 41, 0x7f, 0x14, 42, 2, 0x15, 43, 0x7e, 0x12, 29, 0x7f, 0x2e, 8,
      0x04, 4, 0, 0, 0, 0x0c, 31, 32, 0x06, 40, 0x03, 1, 0,
    ])
    let row = try #require(try frames.row(at: FileAddress(0x1000)))
    #expect(row.cfa == .register(29, offset: 8))
    #expect(
      row.rules == [
        40: .offset(-24), 41: .offset(8), 42: .valueOffset(-16), 43: .valueOffset(16),
      ])
    let later = try #require(try frames.row(at: FileAddress(0x1010)))
    #expect(later.cfa == .register(31, offset: 32) && later.rules[40] == nil)
  }

  @Test func augmentations() throws {
    let plain = frames(
      augmentation: "zPLRSB", cieData: [0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0x1b, 0x1b],
      fdeData: [0x10, 0, 0, 0], [])
    let row = try #require(try plain.row(at: FileAddress(0x1000)))
    #expect(row.isSignalFrame)
    // The pointer stands at 0x4031 and counts from itself.
    #expect(row.lsda.map { $0.rawValue > 0x4020 && $0.rawValue < 0x4060 } == true)
    let without = frames(
      augmentation: "zLR", cieData: [0x1b, 0x1b], fdeData: [0, 0, 0, 0], [])
    #expect(try #require(try without.row(at: FileAddress(0x1000))).lsda == nil)
  }

  @Test func debugFrame() throws {
    let section = SectionBuilder()
    section.u32(20).u32(0xffff_ffff).u8(4).cString("").u8(8).u8(0).uleb128(1).sleb128(-8)
      .uleb128(30).append([0x0c, 31, 0]).append([UInt8](repeating: 0, count: 6))
    let start = section.count
    section.u32(20).u32(0).u64(0x2000).u64(0x10)
    #expect(start == 24)
    let frames = CallFrames(sections([.debugFrame: section.array]), ehFrameAddress: 0)
    #expect(frames.problems.isEmpty)
    #expect(try frames.row(at: FileAddress(0x200f))?.cfa == .register(31, offset: 0))
  }

  /// Entries that cannot be read are told and left out.
  @Test func tellsBadEntries() {
    #expect(
      frames(augmentation: "eh", []).problems.first?.kind == .unknownAugmentation("eh"))
    #expect(
      frames(augmentation: "zQ", cieData: [0], []).problems.first?.kind
        == .unknownAugmentation("zQ"))
    #expect(frames([], cieVersion: 2).problems.first?.kind == .unsupportedVersion(2))
    #expect(
      frames(cieData: [0x0f], []).problems.first?.kind == .unknownPointerEncoding(0x0f))
    let lost = SectionBuilder().u32(12).u32(0x40).u64(0)
    #expect(
      CallFrames(sections([.ehFrame: lost.array]), ehFrameAddress: 0).problems
        == [DWARFError(.ehFrame, at: 4, .badCIEPointer(4 &- 0x40))])
    let selfish = SectionBuilder().u32(12).u32(4).u64(0)
    #expect(
      CallFrames(sections([.ehFrame: selfish.array]), ehFrameAddress: 0).problems
        == [DWARFError(.ehFrame, at: 0, .badCIEPointer(0))])
    let long = SectionBuilder().u32(99).u32(0)
    #expect(
      CallFrames(sections([.ehFrame: long.array]), ehFrameAddress: 0).problems
        == [DWARFError(.ehFrame, at: 0, .badLength(99))])
  }

  @Test(
    arguments: [
      ([0x0b], .badCallFrameState), ([0x3f], .unknownCallFrameInstruction(0x3f)),
      ([0x0f, 0, 0x0e, 8], .badCallFrameState), ([0x0f, 0, 0x0d, 8], .badCallFrameState),
      ([UInt8](repeating: 0x0a, count: 70), .badCallFrameState),
      ([0x07, 0xff, 0xff, 0xff, 0x7f], .badIndex(0xfff_ffff)),
    ] as [([UInt8], DWARFError.Kind)])
  func tellsBadInstructions(instructions: [UInt8], kind: DWARFError.Kind) {
    do {
      _ = try frames(instructions).row(at: FileAddress(0x1000))
      Issue.record("no error")
    } catch {
      #expect(error.section == .ehFrame && error.kind == kind)
    }
  }

  @Test func noCFA() {
    #expect(throws: DWARFError.self) {
      try frames(cie: [], []).row(at: FileAddress(0x1000))
    }
  }
}
