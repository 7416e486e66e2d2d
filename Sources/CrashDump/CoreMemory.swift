import Binary
import ELF
import Machine

/// The memory of a core by one kind of address.
///
/// Where segments overlap the one that begins lower counts, among equals the first in the file.
/// Bytes beyond `p_filesz` are not in the dump: they were left out, nobody knows that they were zero.
struct CoreMemory {
  /// A stretch of memory that the segments claim; the file may be cut before its end.
  struct Piece: Equatable {
    let start: UInt64
    /// Exclusive.
    let end: UInt64
    let offset: UInt64
  }

  static let byteLimit = 64 << 20

  let bytes: Bytes
  /// Sorted, without overlaps.
  let pieces: [Piece]

  init(_ bytes: Bytes, _ segments: [ELFSegment], at address: (ELFSegment) -> UInt64) {
    self.bytes = bytes
    var pieces: [Piece] = []
    let sorted = segments.enumerated().sorted {
      (address($0.element), $0.offset) < (address($1.element), $1.offset)
    }
    for (_, segment) in sorted where segment.fileByteCount > 0 {
      var start = address(segment)
      // A segment that wraps around or whose offset does ends with the numbers.
      let (sum, wraps) = start.addingReportingOverflow(segment.fileByteCount)
      let end = wraps ? UInt64.max : sum
      var offset = segment.offset
      if let last = pieces.last, last.end > start {
        guard last.end < end else { continue }
        offset = offset &+ (last.end - start)
        guard offset >= segment.offset else { continue }
        start = last.end
      }
      pieces.append(Piece(start: start, end: end, offset: offset))
    }
    self.pieces = pieces
  }

  /// What of the pieces the file has.
  var present: [Range<UInt64>] {
    let size = UInt64(bytes.count)
    var ranges: [Range<UInt64>] = []
    for piece in pieces where piece.offset < size {
      let end = piece.start + min(piece.end - piece.start, size - piece.offset)
      if let last = ranges.last, last.upperBound == piece.start {
        ranges[ranges.count - 1] = last.lowerBound..<end
      } else {
        ranges.append(piece.start..<end)
      }
    }
    return ranges
  }

  /// Why an address cannot be read.
  struct Failure: Error {
    let address: UInt64
    let reason: MemoryError.Reason
  }

  func read(_ address: UInt64, count: Int) throws(Failure) -> [UInt8] {
    guard count >= 0, count <= Self.byteLimit else {
      throw Failure(address: address, reason: .tooLarge)
    }
    var result: [UInt8] = []
    result.reserveCapacity(count)
    while result.count < count {
      let place = address &+ UInt64(result.count)
      guard let piece = piece(at: place) else { throw Failure(address: place, reason: .notInDump) }
      let wanted = min(UInt64(count - result.count), piece.end - place)
      let size = UInt64(bytes.count)
      let (offset, wraps) = piece.offset.addingReportingOverflow(place - piece.start)
      guard !wraps, offset < size else { throw Failure(address: place, reason: .cutOff(at: size)) }
      guard let part = bytes.slice(at: offset, count: min(wanted, size - offset)) else {
        throw Failure(address: place, reason: .cutOff(at: size))
      }
      result += part
    }
    return result
  }

  /// The piece that holds `address`. O(log n).
  private func piece(at address: UInt64) -> Piece? {
    var low = 0
    var high = pieces.count
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].start <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0, address < pieces[low - 1].end else { return nil }
    return pieces[low - 1]
  }
}

/// A core's memory by bus address.
final class CorePhysicalMemory: PhysicalMemory {
  private let memory: CoreMemory
  let ranges: [Range<PhysicalAddress>]?

  init(_ memory: CoreMemory) {
    self.memory = memory
    ranges = memory.present.map { PhysicalAddress($0.lowerBound)..<PhysicalAddress($0.upperBound) }
  }

  func read(_ address: PhysicalAddress, count: Int) throws(MemoryError) -> [UInt8] {
    do throws(CoreMemory.Failure) {
      return try memory.read(address.rawValue, count: count)
    } catch { throw MemoryError(PhysicalAddress(error.address), error.reason) }
  }

  func provenance(of address: PhysicalAddress) -> Provenance { .dump }
}

/// A core's memory by virtual address, the same for all CPUs.
final class CoreVirtualMemory: MemoryReader {
  private let memory: CoreMemory

  init(_ memory: CoreMemory) { self.memory = memory }

  func read(_ address: Address, count: Int) throws(MemoryError) -> [UInt8] {
    do throws(CoreMemory.Failure) {
      return try memory.read(address.rawValue, count: count)
    } catch { throw MemoryError(Address(error.address), error.reason) }
  }

  func provenance(of address: Address) -> Provenance { .dump }
}
