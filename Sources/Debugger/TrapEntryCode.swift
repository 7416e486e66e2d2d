/// How far the code of a kernel's trap entry has come, read from its instructions (Arm ARM, C4.1).
///
/// Before the call it pushes the trap frame register by register; behind the call it takes the
/// registers out of the frame again, which stays as it is.
struct TrapEntryCode: Equatable {
  enum Progress: Equatable {
    /// The frame is being made: numbers of the registers that it holds.
    case saving(Set<Int>)
    /// The frame is whole.
    case called
  }

  /// Whether the stack pointer has been moved down for the frame here, and not up again.
  private(set) var isFramePushed: Bool
  private(set) var progress: Progress = .saving([])

  /// Reads the instructions of a symbol up to the one that comes next, with the frame pushed before
  /// them or not.
  init(_ words: [UInt32], isFramePushed: Bool) {
    self.isFramePushed = isFramePushed
    for word in words { step(word) }
  }

  private mutating func step(_ word: UInt32) {
    if AArch64Instruction(word).isCall { progress = .called }
    // SUB SP, SP, #imm and ADD SP, SP, #imm
    if word & 0xff80_03ff == 0xd100_03ff { isFramePushed = true }
    if word & 0xff80_03ff == 0x9100_03ff { isFramePushed = false }
    guard case .saving(var saved) = progress else { return }
    // STP Xt, Xt2, [SP, #imm] and STR Xt, [SP, #imm]
    if word & 0xffc0_03e0 == 0xa900_03e0 {
      saved.formUnion([Int(word & 31), Int(word >> 10 & 31)])
    } else if word & 0xffc0_03e0 == 0xf900_03e0 {
      saved.insert(Int(word & 31))
    }
    progress = .saving(saved)
  }
}
