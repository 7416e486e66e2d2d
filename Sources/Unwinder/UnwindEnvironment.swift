public import DWARF
public import Machine

/// The only way out of the unwinder: rules, memory and traps of the place it walks through.
public protocol UnwindEnvironment: AnyObject {
  var architecture: Architecture { get }
  /// Bits of a virtual address that are translated; the bits above may hold a signature (PAC).
  var addressBits: Int { get }
  func memory(in space: AddressSpace) -> any MemoryReader
  /// The call frame information of the instruction at `address`, or nil: none covers it. Malformed
  /// information counts as none.
  func unwindRow(at address: Address, in space: AddressSpace) -> UnwindRow?
  /// If `frame` stands in the kernel's trap entry: the interrupted frame behind it.
  func interruptedFrame(behind frame: Frame) -> Frame?
  /// Whether the innermost of these frames, all of one activation of the kernel, show that it is
  /// changing threads: then nobody knows whose registers the trap frame behind them holds.
  func isSwitchingThreads(_ frames: [Frame]) -> Bool
  /// Whether the address lies in the code of a known image.
  func isCode(_ address: Address, in space: AddressSpace) -> Bool
  /// Evaluates a DWARF expression of a rule with the CFA (when given) pushed first; nil: not possible.
  func evaluate(_ expression: [UInt8], cfa: UInt64?, in frame: Frame) -> UInt64?
}
