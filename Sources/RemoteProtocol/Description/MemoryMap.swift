import Machine

/// Where RAM and ROM are, from the words of QEMU's `info mtree -f`.
enum MemoryMap {
  /// Kinds of memory as QEMU names them; a read-only device (`romd`) is memory at the moment.
  static let memoryKinds = ["ram):", "rom):", "romd):"]

  /// Sorted, neighbours merged; nil when the text has no such view.
  ///
  ///     FlatView #1
  ///      AS "cpu-memory-0", root: system
  ///       0000000040000000-0000000043ffffff (prio 0, ram): mach-virt.ram
  static func ranges(parsing text: String) -> [Range<PhysicalAddress>]? {
    guard let ranges = view(parsing: text, memoryKinds), !ranges.isEmpty else { return nil }
    return merged(ranges)
  }

  /// RAM alone, each piece by itself.
  static func pieces(ofRAM text: String) -> [Range<PhysicalAddress>] {
    view(parsing: text, ["ram):"]) ?? []
  }

  private static func view(
    parsing text: String, _ kinds: [String]
  ) -> [Range<PhysicalAddress>]? {
    var views: [View] = []
    for line in text.split(whereSeparator: \.isNewline) {
      if line.hasPrefix("FlatView") {
        views.append(View(kinds: kinds))
      } else if !views.isEmpty {
        views[views.count - 1].add(line.drop { $0 == " " })
      }
    }
    return (views.first { $0.isOf("cpu-memory") } ?? views.first { $0.isOf("memory") })?.ranges
  }

  private struct View {
    let kinds: [String]
    var spaces: [Substring] = []
    var ranges: [Range<PhysicalAddress>] = []

    func isOf(_ space: String) -> Bool { spaces.contains { $0.hasPrefix(space) } }

    mutating func add(_ line: Substring) {
      if line.hasPrefix("AS \"") {
        spaces.append(line.dropFirst(4).prefix { $0 != "\"" })
        return
      }
      let parts = line.split(separator: " ", maxSplits: 3)
      guard parts.count == 4, kinds.contains(where: parts[3].hasPrefix),
        parts[1].hasPrefix("(prio"), let dash = parts[0].firstIndex(of: "-"),
        let first = UInt64(parts[0][..<dash], radix: 16),
        let last = UInt64(parts[0][parts[0].index(after: dash)...], radix: 16),
        first <= last, last < .max
      else { return }
      ranges.append(PhysicalAddress(first)..<PhysicalAddress(last + 1))
    }
  }

  private static func merged(_ ranges: [Range<PhysicalAddress>]) -> [Range<PhysicalAddress>] {
    var result: [Range<PhysicalAddress>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = result.last, range.lowerBound <= last.upperBound {
        result[result.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }
}

extension [Range<PhysicalAddress>] {
  /// Whether all of `count` bytes at `address` lie in one of the ranges.
  func contain(_ address: PhysicalAddress, count: Int) -> Bool {
    contains { range in
      range.contains(address)
        && UInt64(count) <= range.upperBound.rawValue - address.rawValue
    }
  }
}
