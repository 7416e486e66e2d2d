import Binary
import ELF
import Machine

/// The registers of one CPU from its `NT_PRSTATUS` note.
struct CPUStatus {
  /// `struct elf_prstatus` of aarch64 has `pr_reg` at 112: x0 to x30, sp, pc, pstate, 8 bytes each
  /// (Linux, `include/linux/elfcore.h`, `arch/arm64/include/uapi/asm/ptrace.h`).
  static let registerOffset = 112
  static let registerCount = 34
  static let type: UInt32 = 1

  let values: RegisterValues
  /// A CPU that was off has a note of zeros.
  let isRecorded: Bool

  /// nil: the note is too short for the machine.
  init?(_ contents: Bytes) {
    let end = Self.registerOffset + Self.registerCount * 8
    guard contents.count >= end else { return nil }
    var values = RegisterValues()
    var isRecorded = false
    for (index, register) in Architecture.aarch64.registers.prefix(Self.registerCount).enumerated()
    {
      let start = Self.registerOffset + index * 8
      let value = contents[start..<start + 8].littleEndianValue
      if value != 0 { isRecorded = true }
      // pstate is kept in 8 bytes, cpsr has 4.
      values[register.name] = register.byteCount == 4 ? value & 0xffff_ffff : value
    }
    self.isRecorded = isRecorded
    self.values = isRecorded ? values : RegisterValues()
  }

  /// All CPUs in the order of their notes, and how many notes were unusable.
  static func all(in notes: [ELFNote]) -> (statuses: [CPUStatus], badCount: Int) {
    let own = notes.filter { $0.name == "CORE" && $0.type == type }
    let statuses = own.compactMap { CPUStatus($0.contents) }
    return (statuses, own.count - statuses.count)
  }
}
