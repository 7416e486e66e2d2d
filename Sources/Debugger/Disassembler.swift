import CCapstone
public import Machine

/// One machine instruction as text.
public struct Instruction: Sendable, Equatable {
  public let address: Address
  public let bytes: [UInt8]
  /// `bl`; `.word` for what is no instruction.
  public let mnemonic: String
  public let operands: String
  /// Where a direct branch, call or address computation goes, or nil.
  public let target: Address?

  public init(
    address: Address, bytes: [UInt8], mnemonic: String, operands: String, target: Address?
  ) {
    self.address = address
    self.bytes = bytes
    self.mnemonic = mnemonic
    self.operands = operands
    self.target = target
  }
}

/// Capstone behind one function. All instructions have 4 bytes (A64).
public final class Disassembler {
  private var handle: csh = 0

  public init(_ architecture: Architecture) throws(SessionError) {
    guard architecture == .aarch64 else {
      throw SessionError("no disassembler for \(architecture.name)")
    }
    // SAFETY: cs_open fills the handle, which cs_close gives back in deinit.
    let status = unsafe cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &handle)
    guard status == CS_ERR_OK else {
      throw SessionError("the disassembler does not start (capstone error \(status.rawValue))")
    }
  }

  deinit {
    // SAFETY: the handle came from cs_open and is used no more.
    if handle != 0 { _ = unsafe cs_close(&handle) }
  }

  /// Every 4 bytes as one instruction; a rest of fewer is left out.
  public func instructions(in bytes: [UInt8], at start: Address) -> [Instruction] {
    stride(from: 0, to: bytes.count & ~3, by: 4).map { offset in
      instruction(Array(bytes[offset..<offset + 4]), at: start + UInt64(offset))
    }
  }

  private func instruction(_ bytes: [UInt8], at address: Address) -> Instruction {
    let (mnemonic, operands) = decode(bytes, at: address) ?? (".word", word(bytes))
    return Instruction(
      address: address, bytes: bytes, mnemonic: mnemonic, operands: operands,
      target: Self.target(mnemonic, operands))
  }

  private func word(_ bytes: [UInt8]) -> String {
    "0x" + bytes.reversed().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private func decode(_ bytes: [UInt8], at address: Address) -> (String, String)? {
    var found: UnsafeMutablePointer<cs_insn>?
    // SAFETY: cs_disasm reads `bytes.count` bytes and allocates `count` instructions, freed below.
    let count = unsafe cs_disasm(handle, bytes, bytes.count, address.rawValue, 1, &found)
    guard count > 0, let first = unsafe found else { return nil }
    defer { unsafe cs_free(first, count) }
    // SAFETY: `first` has one instruction; its texts are NUL-terminated arrays inside it.
    let mnemonic = unsafe withUnsafeBytes(of: first.pointee.mnemonic) { unsafe Self.text($0) }
    let operands = unsafe withUnsafeBytes(of: first.pointee.op_str) { unsafe Self.text($0) }
    return Self.named(mnemonic, operands)
  }

  private static func text(_ buffer: UnsafeRawBufferPointer) -> String {
    // SAFETY: the buffer is only read while it is valid.
    unsafe String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Hints that Capstone 4 does not name (Arm ARM C6.2, "HINT").
  private static func named(_ mnemonic: String, _ operands: String) -> (String, String) {
    let hints = [
      "#0x7": "xpaclri", "#0x19": "paciasp", "#0x1b": "pacibsp", "#0x1d": "autiasp",
      "#0x1f": "autibsp", "#0x20": "bti", "#0x22": "bti c", "#0x24": "bti j", "#0x26": "bti jc",
    ]
    guard mnemonic == "hint", let name = hints[operands] else { return (mnemonic, operands) }
    return (name, "")
  }

  /// Operands of branches and of `adr`/`adrp` end in an absolute address.
  private static func target(_ mnemonic: String, _ operands: String) -> Address? {
    let isBranch =
      ["b", "bl", "cbz", "cbnz", "tbz", "tbnz", "adr", "adrp"].contains(mnemonic)
      || mnemonic.hasPrefix("b.")
    guard isBranch, let mark = operands.range(ofLast: "#0x") else { return nil }
    return UInt64(operands[mark...].dropFirst(3), radix: 16).map { Address($0) }
  }
}

extension String {
  /// Where the last occurrence of `text` begins.
  fileprivate func range(ofLast text: String) -> Index? {
    indices.last { self[$0...].hasPrefix(text) }
  }
}
