public import Machine

/// How the caller's value of one register is found (DWARF 5 §6.4.1).
public enum RegisterRule: Equatable, Sendable {
  /// The caller's value is not recoverable.
  case undefined
  /// The register still holds the caller's value.
  case sameValue
  /// `*(CFA + n)`.
  case offset(Int64)
  /// `CFA + n`.
  case valueOffset(Int64)
  /// The value of another register (by DWARF number).
  case register(Int)
  /// `*E`, with the CFA pushed first.
  case expression([UInt8])
  /// `E`, with the CFA pushed first.
  case valueExpression([UInt8])
}

/// How the canonical frame address is found.
public enum CFARule: Equatable, Sendable {
  /// The register with this DWARF number, plus an offset.
  case register(Int, offset: Int64)
  case expression([UInt8])
}

/// The row of the unwind table that covers one instruction.
public struct UnwindRow: Equatable, Sendable {
  public let cfa: CFARule
  /// By DWARF register number; a register that is absent has no rule (psABI default: callee-saved
  /// ones keep their value).
  public let rules: [Int: RegisterRule]
  /// The column that holds the return address.
  public let returnAddressRegister: Int
  /// A frame interrupted at its very instruction (augmentation `S`): its caller's PC is exact.
  public let isSignalFrame: Bool
  /// The return address is signed in this row (`DW_CFA_AARCH64_negate_ra_state`).
  public let isReturnAddressSigned: Bool
  /// Where the function's language-specific data area is (augmentation `L`), or nil.
  public let lsda: FileAddress?
  /// The function's range by its FDE.
  public let function: Range<FileAddress>

  public init(
    cfa: CFARule, rules: [Int: RegisterRule], returnAddressRegister: Int,
    isSignalFrame: Bool = false, isReturnAddressSigned: Bool = false, lsda: FileAddress? = nil,
    function: Range<FileAddress>
  ) {
    self.cfa = cfa
    self.rules = rules
    self.returnAddressRegister = returnAddressRegister
    self.isSignalFrame = isSignalFrame
    self.isReturnAddressSigned = isReturnAddressSigned
    self.lsda = lsda
    self.function = function
  }
}
