import DWARF
import Machine

/// Which unit's line program speaks of an address.
struct UnitRanges: Sendable {
  private struct Entry: Sendable {
    let start: UInt64
    let end: UInt64
    let unit: Int
  }

  private var entries: [Entry] = []
  /// Units that do not say where their code is.
  private var unknown: [Int] = []

  init(_ units: [Unit], isCode: (FileAddress) -> Bool) {
    for unit in units where unit.lineOffset != nil {
      guard let ranges = try? unit.root()?.ranges(), !ranges.isEmpty else {
        unknown.append(unit.index)
        continue
      }
      for range in ranges where isCode(range.lowerBound) {
        entries.append(
          Entry(
            start: range.lowerBound.rawValue, end: range.upperBound.rawValue, unit: unit.index))
      }
    }
    entries.sort { $0.start < $1.start }
  }

  /// Indices of the units that may know the address, the surest first.
  func units(for address: FileAddress) -> [Int] {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].start <= address.rawValue { low = middle + 1 } else { high = middle }
    }
    var found: [Int] = []
    for entry in entries[max(0, low - 8)..<low].reversed()
    where entry.end > address.rawValue && !found.contains(entry.unit) {
      found.append(entry.unit)
    }
    return found + unknown
  }
}
