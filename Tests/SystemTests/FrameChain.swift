import Foundation
import Testing

/// The stack of the one CPU, found without call frame information: by AAPCS64 x29 points to the
/// caller's x29, and the return address follows it.
///
/// Knows of the kernel where its stacks are, and that a trap always pushes its frame on an empty one.
struct FrameChain {
  /// How the innermost frame was read.
  enum Explanation: String {
    /// The function had set x29 up.
    case framed = "plain"
    /// In a prologue or epilogue, or without a frame: the caller is in x30.
    case unframed = "with the caller in x30"
    /// In the trap's entry, where x29 may be the program's or already zero.
    case trapEntry = "in the trap's entry"
    /// In the kernel's `switch`: frame and space are not of one thread, so the stack must end there.
    case switchingThreads = "while threads are changed"
  }

  private let guest: Emulator
  /// Functions of every image by start, as `nm` lists them.
  private let symbols: [(start: UInt64, name: String)]
  private let trapFrame: UInt64
  let trapCode: Range<UInt64>
  /// `bramble::scheduler::switch`, by its mangled name.
  private let switchCode: Range<UInt64>
  /// Where the trap's entry calls `trap`.
  let trapCall: UInt64

  static let trapFrameByteCount: UInt64 = 272

  init(_ guest: Emulator) throws {
    self.guest = guest
    var symbols: [(start: UInt64, name: String)] = []
    for image in Emulator.images {
      symbols += try Self.symbols(of: image).filter { "tT".contains($0.kind) }
        .map { ($0.start, $0.name) }
    }
    self.symbols = symbols.sorted { $0.start < $1.start }
    let all = try Self.symbols(of: Emulator.images[0])
    let stacks = all.first { $0.name.hasSuffix("STACKS") }?.start ?? 0
    trapFrame = stacks + 65_536 - Self.trapFrameByteCount
    let vectors = all.first { $0.name == "vectors" }?.start ?? 0
    let entry = all.first { $0.name == "trap_entry" }?.start ?? 0
    let listing = try run(
      "/usr/bin/aarch64-linux-gnu-objdump",
      ["-d", "--disassemble=trap_entry", Emulator.images[0]]
    ).outputLines
    let call = listing.first { $0.contains("\tbl\t") }?.split(separator: ":").first
    trapCall = call.flatMap { UInt64($0.trimmingCharacters(in: .whitespaces), radix: 16) } ?? 0
    trapCode = vectors..<(all.map(\.start).filter { $0 > entry }.min() ?? entry)
    let switcher = try #require(all.first { $0.name.hasSuffix("7bramble9scheduler6switch") })
    switchCode =
      switcher.start..<(all.map(\.start).filter { $0 > switcher.start }.min() ?? switcher.start)
  }

  static func symbols(
    of image: String
  ) throws -> [(start: UInt64, kind: Character, name: String)] {
    try run("/usr/bin/nm", ["-n", image]).outputLines.compactMap { line in
      let words = line.split(separator: " ")
      guard words.count == 3, let start = UInt64(words[0], radix: 16), let kind = words[1].first
      else { return nil }
      return (start, kind, String(words[2]))
    }
  }

  /// Program counters, innermost first, as far as the chain has them. While a trap's frame is being
  /// made, `step` moves on by an instruction: only the finished frame tells what was interrupted.
  func expected(step: () throws -> Void) throws -> ([UInt64], Explanation) {
    let registers = try guest.registers(of: 0)
    let pc = registers["pc"] ?? 0
    var frames = [pc]
    if trapCode.contains(pc) {
      for _ in 0..<64 where try isBeforeTrapCall() { try step() }
      return (try frames + interrupted(), .trapEntry)
    }
    let isFramed = try append(
      callerOf: pc, link: registers["x30"] ?? 0, pointer: registers["x29"] ?? 0, to: &frames)
    let kernel = frames.prefix { $0 >> 63 == 1 }
    if kernel.contains(where: switchCode.contains) { return (Array(kernel), .switchingThreads) }
    if let last = frames.last, trapCode.contains(last) { frames += try interrupted() }
    return (frames, isFramed ? .framed : .unframed)
  }

  /// Whether `shown` is the chain, with nothing more in it than callers of functions that have no
  /// frame pointer; every such caller must stand behind a call instruction.
  func explains(_ shown: [UInt64], by chain: [UInt64]) throws -> Bool {
    var rest = chain[...]
    var callee: UInt64?
    for pc in shown {
      if pc == rest.first {
        rest.removeFirst()
      } else {
        guard let callee, try !isFramed(callee), try isBehindCall(pc) else { return false }
      }
      callee = pc
    }
    return rest.isEmpty
  }

  private func isBehindCall(_ address: UInt64) throws -> Bool {
    guard let word = try guest.virtualWords(address - 4, count: 1).first else { return false }
    return Self.isCall(word & 0xffff_ffff)
  }

  private static func isCall(_ word: UInt64) -> Bool {
    word & 0xfc00_0000 == 0x9400_0000 || word & 0xffff_fc1f == 0xd63f_0000
  }

  private func isBeforeTrapCall() throws -> Bool {
    let pc = try guest.registers(of: 0)["pc"] ?? 0
    return pc < trapCall
  }

  /// What the trap interrupted, by the frame at the top of the kernel's stack.
  func interrupted() throws -> [UInt64] {
    let words = try guest.virtualWords(trapFrame, count: 34)
    guard words.count == 34 else { return [] }
    var frames = [words[32]]
    try append(callerOf: words[32], link: words[30], pointer: words[29], to: &frames)
    return frames
  }

  /// The callers of the function that goes on at `pc`; false: it had no frame of its own there.
  @discardableResult
  private func append(
    callerOf pc: UInt64, link: UInt64, pointer: UInt64, to frames: inout [UInt64]
  ) throws -> Bool {
    let isFramed = try isFramed(pc)
    // Once such a function has called another one, its own caller stands only in its stack.
    if !isFramed, !isBottom(pc), link != 0, try !hasCalled(pc) { frames.append(link) }
    try follow(pointer, into: &frames)
    return isFramed
  }

  private func follow(_ start: UInt64, into frames: inout [UInt64]) throws {
    var pointer = start
    while pointer != 0, frames.count < 100 {
      let words = try guest.virtualWords(pointer, count: 2)
      guard words.count == 2, words[1] != 0 else { return }
      frames.append(words[1])
      pointer = words[0]
    }
  }

  /// Nobody called these.
  private func isBottom(_ pc: UInt64) -> Bool {
    ["_start", "idle"].contains(symbols.last { $0.start <= pc }?.name)
  }

  /// Whether x29 is the function's own at `pc`: its code from its start to `pc` has set it up, and
  /// has not just taken it down.
  func isFramed(_ pc: UInt64) throws -> Bool {
    var (isSetUp, isFramed) = (false, false)
    for word in try code(before: pc) {
      switch word {
      case let word where word & 0xffc0_03ff == 0x9100_03fd: (isSetUp, isFramed) = (true, true)
      case let word where word & 0xfc40_7fff == 0xa840_7bfd: isFramed = false  // ldp x29, x30, [sp]
      case 0xd65f_03c0, 0xd420_0020: isFramed = isSetUp  // ret, brk: other code follows
      case let word where word & 0xfc00_0000 == 0x1400_0000: isFramed = isSetUp  // b
      default: break
      }
    }
    return isFramed
  }

  /// Whether x30 may be the function's own return address of a call that it made, and not yet
  /// restored.
  private func hasCalled(_ pc: UInt64) throws -> Bool {
    var hasCalled = false
    for word in try code(before: pc) {
      if Self.isCall(word) { hasCalled = true }
      let isPair = word & 0x7fc0_0000 == 0x2940_0000 || word & 0x7fc0_0000 == 0x28c0_0000
      if isPair, word & 31 == 30 || word >> 10 & 31 == 30 { hasCalled = false }
      if word & 0xffc0_001f == 0xf940_001e || word & 0xffe0_0c1f == 0xf840_041e {
        hasCalled = false
      }
    }
    return hasCalled
  }

  /// The instructions from the function's start up to `pc`.
  private func code(before pc: UInt64) throws -> [UInt64] {
    guard let start = symbols.last(where: { $0.start <= pc })?.start, pc - start < 1 << 16 else {
      return []
    }
    let count = Int(pc - start) / 4
    guard count > 0 else { return [] }
    let words = try guest.virtualWords(start, count: (count + 1) / 2)
    return Array(words.flatMap { [$0 & 0xffff_ffff, $0 >> 32] }.prefix(count))
  }
}
