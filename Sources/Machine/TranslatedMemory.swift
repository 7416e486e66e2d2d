/// Virtual memory through kscope's own page-table walk over physical memory.
///
/// Works whatever the CPU does at the moment, also for spaces that no CPU is in.
public final class TranslatedMemory: MemoryReader {
  /// How one half of the address space is translated.
  public enum Translation: Equatable, Sendable {
    case table(AArch64PageTable)
    /// The MMU is off: virtual is physical.
    case identity
    /// Known pieces only: virtual start, physical start, size. The segments of a kernel image.
    case pieces([Piece])
  }

  public struct Piece: Equatable, Sendable {
    public let virtual: Range<Address>
    public let physical: PhysicalAddress

    public init(virtual: Range<Address>, physical: PhysicalAddress) {
      self.virtual = virtual
      self.physical = physical
    }
  }

  private let physical: any PhysicalMemory
  private let generation: CacheGeneration
  private let translation: (Address) throws(MemoryError) -> Translation
  private var cachedGeneration: Int
  /// Page of the virtual address to page of the physical one.
  private var pages: [UInt64: UInt64] = [:]

  /// `translation` is asked once for each page and generation; it says how that address is translated.
  public init(
    _ physical: any PhysicalMemory, generation: CacheGeneration,
    translation: @escaping (Address) throws(MemoryError) -> Translation
  ) {
    self.physical = physical
    self.generation = generation
    self.translation = translation
    self.cachedGeneration = generation.number
  }

  public func read(_ address: Address, count: Int) throws(MemoryError) -> [UInt8] {
    guard count > 0 else { return [] }
    let first = min(count, 4096 - Int(address.rawValue & 4095))
    if first == count { return try piece(address, count: count) }
    var result: [UInt8] = []
    result.reserveCapacity(count)
    for run in try runs(of: address, count: count) {
      do {
        result += try physical.read(run.physical, count: run.count)
      } catch {
        // The page that failed, as far as the error tells.
        let offset = error.isPhysical ? error.address &- run.physical.rawValue : 0
        throw MemoryError(run.virtual + (offset < UInt64(run.count) ? offset : 0), error.reason)
      }
    }
    return result
  }

  /// A stretch that is contiguous in both kinds of addresses.
  private struct Run {
    let virtual: Address
    let physical: PhysicalAddress
    var count: Int
  }

  /// Neighbouring pages that also lie side by side in physical memory are read together.
  private func runs(of address: Address, count: Int) throws(MemoryError) -> [Run] {
    var runs: [Run] = []
    var done = 0
    while done < count {
      let next = address + UInt64(done)
      let length = min(count - done, 4096 - Int(next.rawValue & 4095))
      let place = try physicalAddress(of: next)
      if let last = runs.last, last.physical + UInt64(last.count) == place {
        runs[runs.count - 1].count += length
      } else {
        runs.append(Run(virtual: next, physical: place, count: length))
      }
      done += length
    }
    return runs
  }

  public func provenance(of address: Address) -> Provenance {
    guard let place = try? physicalAddress(of: address) else { return .live }
    return physical.provenance(of: place)
  }

  /// Reads within one page; errors name the virtual address.
  private func piece(_ address: Address, count: Int) throws(MemoryError) -> [UInt8] {
    let target = try physicalAddress(of: address)
    do {
      return try physical.read(target, count: count)
    } catch {
      throw MemoryError(address, error.reason)
    }
  }

  /// The physical address behind a virtual one.
  public func physicalAddress(of address: Address) throws(MemoryError) -> PhysicalAddress {
    if cachedGeneration != generation.number {
      pages.removeAll(keepingCapacity: true)
      cachedGeneration = generation.number
    }
    let page = address.rawValue >> 12
    if let frame = pages[page] {
      return PhysicalAddress(frame << 12 | address.rawValue & 4095)
    }
    let result: PhysicalAddress
    switch try translation(address) {
    case .identity:
      return PhysicalAddress(address.rawValue)
    case .pieces(let pieces):
      // Not cached by page: a page may hold the end of one piece and nothing after it.
      return try Self.find(address, in: pieces)
    case .table(let table):
      do {
        result = try table.translate(address, reading: physical).physicalAddress
      } catch {
        throw error.isPhysical ? MemoryError(address, .noTranslation("\(error)")) : error
      }
    }
    pages[page] = result.rawValue >> 12
    return result
  }

  private static func find(
    _ address: Address, in pieces: [Piece]
  ) throws(MemoryError) -> PhysicalAddress {
    guard let piece = pieces.first(where: { $0.virtual.contains(address) }) else {
      throw MemoryError(
        address, .noTranslation("no page tables are known and no image lies there"))
    }
    return piece.physical + (address.rawValue - piece.virtual.lowerBound.rawValue)
  }
}
