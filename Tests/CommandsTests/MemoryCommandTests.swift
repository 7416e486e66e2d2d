import Debugger
import Machine
import TestSupport
import Testing

@testable import Commands

struct MemoryCommandTests {
  private func desk() -> Desk {
    let desk = Desk()
    let memory = FakeMemory()
    memory.write([UInt8](repeating: 0, count: 4096), at: 0x1000)
    memory.write(0x1122_3344_5566_7788, at: 0x1000)
    memory.write(0xffff_ffff_ffff_fff0, at: 0x1008)
    memory.write(Array("hi\u{1b}there\0rest\0".utf8), at: 0x1010)
    desk.target.memoryReader = memory
    return desk
  }

  @Test(
    "formats and units of x",
    arguments: [
      ("x/2gx 0x1000", "0x0000000000001000:  0x1122334455667788  0xfffffffffffffff0\n"),
      ("x/2wx 0x1000", "0x0000000000001000:  0x55667788  0x11223344\n"),
      ("x/gd 0x1008", "0x0000000000001008:  -16\n"),
      ("x/wu 0x1000", "0x0000000000001000:  1432778632\n"),
      ("x/2c 0x1010", "0x0000000000001010:  104 'h'  105 'i'\n"),
      ("x/bt 0x1000", "0x0000000000001000:  0b10001000\n"),
      ("x/bo 0x1000", "0x0000000000001000:  0210\n"),
      (
        "x/2s 0x1010",
        "0x0000000000001010:  \"hi\\ethere\"\n0x0000000000001019:  \"rest\"\n"
      ),
    ])
  func formats(line: String, expected: String) { #expect(desk().output(line) == expected) }

  @Test("x goes on where it ended, with the same format")
  func goesOn() {
    let desk = desk()
    _ = desk.output("x/wx 0x1000", from: .terminal)
    #expect(desk.output("x") == "0x0000000000001004:  0x11223344\n")
    _ = desk.output("x/2wx 0x1000", from: .terminal)
    #expect(desk.output("", from: .terminal) == "0x0000000000001008:  0xfffffff0  0xffffffff\n")
  }

  @Test("what can be read is shown, and what not is said")
  func partial() {
    let desk = desk()
    #expect(desk.errors("x/gx 0x5000").hasPrefix("kscope: "))
    #expect(desk.sink.text == "")
    #expect(
      desk.errors("x/9999999999999999999x 0")
        == "kscope: x: the count must be from 1 to 65536\n")
    #expect(desk.errors("x/q 0").hasPrefix("kscope: x: unknown format letter 'q'\n"))
    #expect(desk.errors("x") == "kscope: x: which address?\n")
  }
}

struct DisassemblerTests {
  @Test(
    "instructions as the Arm ARM spells them",
    arguments: [
      (0xd65f_03c0, "ret", "", nil), (0xd503_201f, "nop", "", nil),
      (0x9400_0004, "bl", "#0x1010", 0x1010), (0x17ff_ffff, "b", "#0xffc", 0xffc),
      (0x5400_0040, "b.eq", "#0x1008", 0x1008), (0xb400_0081, "cbz", "x1, #0x1010", 0x1010),
      (0xd503_233f, "paciasp", "", nil), (0xd503_23bf, "autiasp", "", nil),
      (0x0000_0000, ".word", "0x00000000", nil), (0xffff_ffff, ".word", "0xffffffff", nil),
    ] as [(UInt32, String, String, UInt64?)])
  func instructions(word: UInt32, mnemonic: String, operands: String, target: UInt64?) throws {
    let bytes = (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32($0 * 8)) }
    let decoded = try Disassembler(.aarch64).instructions(in: bytes + [1], at: Address(0x1000))
    #expect(
      decoded == [
        Instruction(
          address: Address(0x1000), bytes: bytes, mnemonic: mnemonic, operands: operands,
          target: target.map { Address($0) })
      ])
  }
}
