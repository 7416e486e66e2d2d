import Binary

/// What a relocation does to the bytes at its place. S: the symbol's value, A: the addend, P: the
/// place (each processor supplement, "Relocation Types").
enum RelocationRule: Equatable {
  /// S + A, in this many bytes.
  case absolute(Int)
  /// S + A - P
  case relative(Int)
  /// Nothing: hints to the linker.
  case none
  /// What stands there, + (S + A) or - (S + A). RISC-V describes differences of labels so.
  case add(Int)
  case subtract(Int)
  /// The low six bits of a byte: S + A, or what stands there - (S + A).
  case set6, subtract6
  /// The same for a ULEB128 number, whose length is kept.
  case setULEB128, subtractULEB128

  /// Those that debugging sections need; nil: unknown.
  static func of(type: UInt32, machine: UInt16) -> RelocationRule? {
    switch (machine, type) {
    case (_, 0): RelocationRule.none
    // i386: R_386_32, R_386_PC32
    case (3, 1): .absolute(4)
    case (3, 2): .relative(4)
    // MIPS: R_MIPS_32
    case (8, 2): .absolute(4)
    // PowerPC: R_PPC_ADDR32, R_PPC_REL32; 64 bit: R_PPC64_ADDR64, R_PPC64_REL64 too
    case (20, 1), (21, 1): .absolute(4)
    case (20, 26), (21, 26): .relative(4)
    case (21, 38): .absolute(8)
    case (21, 44): .relative(8)
    // s390: R_390_32, R_390_PC32, R_390_64, R_390_PC64
    case (22, 4): .absolute(4)
    case (22, 5): .relative(4)
    case (22, 22): .absolute(8)
    case (22, 23): .relative(8)
    // ARM: R_ARM_ABS32, R_ARM_REL32
    case (40, 2): .absolute(4)
    case (40, 3): .relative(4)
    // x86-64: R_X86_64_64, PC32, 32, 32S, PC64
    case (62, 1): .absolute(8)
    case (62, 2): .relative(4)
    case (62, 10), (62, 11): .absolute(4)
    case (62, 24): .relative(8)
    // AArch64: R_AARCH64_ABS64, ABS32, PREL64, PREL32
    case (183, 257): .absolute(8)
    case (183, 258): .absolute(4)
    case (183, 260): .relative(8)
    case (183, 261): .relative(4)
    case (243, _): riscV(type)
    // LoongArch: R_LARCH_32, R_LARCH_64, 32_PCREL, 64_PCREL
    case (258, 1): .absolute(4)
    case (258, 2): .absolute(8)
    case (258, 99): .relative(4)
    case (258, 109): .relative(8)
    default: nil
    }
  }

  private static func riscV(_ type: UInt32) -> RelocationRule? {
    switch type {
    case 1: .absolute(4)
    case 2: .absolute(8)
    case 33...36: .add(1 << Int(type - 33))
    case 37...40: .subtract(1 << Int(type - 37))
    case 51: RelocationRule.none  // R_RISCV_RELAX
    case 52: .subtract6
    case 53: .set6
    case 54: .absolute(1)
    case 55: .absolute(2)
    case 56: .absolute(4)
    case 57: .relative(4)
    case 60: .setULEB128
    case 61: .subtractULEB128
    default: nil
    }
  }
}

/// An entry of `SHT_REL` or `SHT_RELA` (gABI, "Relocation").
struct Relocation {
  let offset: UInt64
  let symbol: UInt32
  let type: UInt32
  /// nil: it stands at the place itself.
  let addend: UInt64?

  init(
    reading reader: inout ByteReader, is64Bit: Bool, hasAddend: Bool
  ) throws(ByteReaderError) {
    offset = try reader.unsigned(byteCount: is64Bit ? 8 : 4)
    if is64Bit {
      let info = try reader.u64()
      symbol = UInt32(truncatingIfNeeded: info >> 32)
      type = UInt32(truncatingIfNeeded: info)
      addend = hasAddend ? try reader.u64() : nil
    } else {
      let info = try reader.u32()
      symbol = info >> 8
      type = info & 0xff
      addend = hasAddend ? UInt64(bitPattern: Int64(Int32(bitPattern: try reader.u32()))) : nil
    }
  }
}
