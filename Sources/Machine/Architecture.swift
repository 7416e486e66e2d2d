public import Binary

/// What kscope knows of an instruction set: its registers, their roles, its addresses.
public struct Architecture: Hashable, Sendable {
  /// `aarch64`, as ELF tools and the GDB manual say.
  public let name: String
  /// ELF `e_machine` (gABI, "ELF Header").
  public let elfMachine: UInt16
  public let pointerByteCount: Int
  public let endianness: Endianness
  /// General registers in the order of the psABI; `dwarfNumber` set where DWARF knows them.
  public let registers: [Register]
  public let programCounter: String
  public let stackPointer: String
  public let framePointer: String
  /// The register that holds the return address at a function's entry, or nil (it is on the stack).
  public let linkRegister: String?

  /// The general register with this DWARF number.
  public func register(dwarfNumber: Int) -> Register? {
    registers.first { $0.dwarfNumber == dwarfNumber }
  }

  /// The architecture of an ELF file, or nil when kscope does not know it.
  public static func forELF(machine: UInt16) -> Architecture? {
    [aarch64].first { $0.elfMachine == machine }
  }

  /// 64-bit Arm. DWARF numbers: AADWARF64 §4.1 (x0..x30 = 0..30, sp = 31, pc = 32).
  public static let aarch64 = Architecture(
    name: "aarch64", elfMachine: 183, pointerByteCount: 8, endianness: .little,
    registers: (0...30 as ClosedRange<Int>).map {
      Register(name: "x\($0)", byteCount: 8, dwarfNumber: $0)
    } + [
      Register(name: "sp", byteCount: 8, dwarfNumber: 31),
      Register(name: "pc", byteCount: 8, dwarfNumber: 32),
      Register(name: "cpsr", byteCount: 4),
    ],
    programCounter: "pc", stackPointer: "sp", framePointer: "x29", linkRegister: "x30")
}
