import Binary
import Machine

/// Guest RAM read out of QEMU's own memory, where kscope may trace that process: thousands of times
/// faster than packets.
///
/// Only RAM that lies in one piece in QEMU is read so, and only after samples of it were compared
/// with what the stub says. Devices are never read so.
struct DirectMemory {
  /// A piece of RAM, and where QEMU has it.
  struct Block: Equatable {
    let range: Range<PhysicalAddress>
    let hostAddress: UInt64
  }

  /// Why it is not used, in words.
  struct Unavailable: Error, Equatable { let reason: String }

  /// Smaller pieces are not worth a question; more pieces than this are not RAM.
  static let smallestBlock: UInt64 = 1 << 20
  static let blockLimit = 8
  static let sampleByteCount = 256

  let blocks: [Block]
  private let process: ProcessMemory

  /// Finds where the QEMU behind `session` has these ranges of RAM.
  init(
    _ session: RemoteSession, ranges: [Range<PhysicalAddress>]
  ) throws(Unavailable) {
    guard let id = session.link.peerProcess else {
      throw Unavailable(reason: "the stub's process is not on this machine")
    }
    let name = ProcessList.name(ofProcess: id) ?? ""
    guard name.hasPrefix("qemu-system") || name.hasPrefix("qemu-kvm") else {
      throw Unavailable(reason: "process \(id) (\(name)) is not QEMU itself")
    }
    do throws(SystemError) { process = try ProcessMemory(ofProcess: id) } catch {
      throw Unavailable(reason: "process \(id) may not be traced: \(error.reason)")
    }
    blocks =
      ranges.filter { $0.byteCount >= Self.smallestBlock }.prefix(Self.blockLimit)
      .compactMap { Self.block($0, session) }
    guard !blocks.isEmpty else { throw Unavailable(reason: "QEMU does not tell where its RAM is") }
  }

  /// Whether samples are what the stub reads there; `read` asks the stub.
  func verify(
    _ read: (PhysicalAddress, Int) throws(MemoryError) -> [UInt8]
  ) throws(Unavailable) {
    var isProved = false
    for block in blocks {
      for address in Self.samples(block.range) {
        let expected: [UInt8]
        do throws(MemoryError) { expected = try read(address, Self.sampleByteCount) } catch {
          throw Unavailable(reason: "no comparison with the stub: \(error)")
        }
        guard self.read(address, count: Self.sampleByteCount) == expected else {
          throw Unavailable(
            reason: "what QEMU's process has at \(address) is not what its stub says")
        }
        // Zeros are everywhere.
        if expected.contains(where: { $0 != 0 }) { isProved = true }
      }
    }
    if !isProved { throw Unavailable(reason: "all RAM that was compared is zero") }
  }

  /// nil: not in one of the blocks, or QEMU has ended.
  func read(_ address: PhysicalAddress, count: Int) -> [UInt8]? {
    guard let block = blocks.first(where: { [$0.range].contain(address, count: count) }) else {
      return nil
    }
    let offset = address.rawValue - block.range.lowerBound.rawValue
    return process.read(block.hostAddress &+ offset, count: count)
  }

  /// nil: QEMU does not say, or has it in several pieces.
  private static func block(
    _ range: Range<PhysicalAddress>, _ session: RemoteSession
  ) -> Block? {
    let last = range.upperBound.rawValue - 1
    guard let first = hostAddress(of: range.lowerBound.rawValue, session),
      hostAddress(of: last, session) == first &+ (last - range.lowerBound.rawValue)
    else { return nil }
    return Block(range: range, hostAddress: first)
  }

  private static func hostAddress(of address: UInt64, _ session: RemoteSession) -> UInt64? {
    (try? session.query("gpa2hva \(address.hex())")).flatMap(hostAddress(in:))
  }

  /// `Host virtual address for 0x40000000 (mach-virt.ram) is 0x7f31cbe00000`
  static func hostAddress(in answer: String) -> UInt64? {
    guard answer.hasPrefix("Host virtual address for "),
      let word = answer.split(whereSeparator: \.isWhitespace).last, word.hasPrefix("0x")
    else { return nil }
    return UInt64(word.dropFirst(2), radix: 16)
  }

  /// The ends, the middle, and places between.
  private static func samples(_ range: Range<PhysicalAddress>) -> [PhysicalAddress] {
    let room = range.byteCount - UInt64(sampleByteCount)
    return (0...4).map { range.lowerBound + (room / 4 * $0) & ~UInt64(sampleByteCount - 1) }
  }
}

extension Range<PhysicalAddress> {
  var byteCount: UInt64 { upperBound.rawValue - lowerBound.rawValue }
}
