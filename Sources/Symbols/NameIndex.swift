import Binary
import DWARF

/// Finds items by their own name: a hash table over positions, the names stay in their sections.
struct NameIndex: Sendable {
  /// First position of each bucket, -1: none.
  private var heads: [Int32]
  /// The position behind each position in its bucket.
  private var next: [Int32]
  private let names: [StringReference]
  private let sections: DWARFSections

  init(_ names: [StringReference], sections: DWARFSections) {
    self.names = names
    self.sections = sections
    var size = 64
    while size < names.count { size *= 2 }
    heads = [Int32](repeating: -1, count: size)
    next = [Int32](repeating: -1, count: names.count)
    // Backwards, so that buckets list positions in ascending order.
    var position = names.count - 1
    while position >= 0 {
      let bucket = Int(truncatingIfNeeded: hash(names[position])) & (size - 1)
      next[position] = heads[bucket]
      heads[bucket] = Int32(truncatingIfNeeded: position)
      position -= 1
    }
  }

  /// Positions of the items with this name, ascending.
  func positions(of name: String) -> [Int] {
    let wanted = Array(name.utf8)
    var hash = Self.seed
    for byte in wanted { hash = Self.step(hash, byte) }
    var found: [Int] = []
    var position = Int(heads[Int(truncatingIfNeeded: hash) & (heads.count - 1)])
    while position >= 0 {
      if isEqual(names[position], wanted) { found.append(position) }
      position = Int(next[position])
    }
    return found
  }

  /// Positions of the items whose name begins with `prefix`. O(n).
  func positions(withPrefix prefix: String) -> [Int] {
    let wanted = Array(prefix.utf8)
    return names.indices.filter { hasPrefix(names[$0], wanted) }
  }

  private static let seed: UInt64 = 0xcbf2_9ce4_8422_2325

  // FNV-1a, low bits mixed in by the multiplication of the next byte.
  private static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
    (hash ^ UInt64(byte)) &* 0x0100_0000_01b3
  }

  private func hash(_ name: StringReference) -> UInt64 {
    var hash = Self.seed
    if name.isNone { return hash }
    let bytes = sections[name.section]
    guard var position = Int(exactly: name.offset) else { return hash }
    while position < bytes.count {
      let byte = bytes[position]
      if byte == 0 { break }
      hash = Self.step(hash, byte)
      position += 1
    }
    return hash
  }

  private func hasPrefix(_ name: StringReference, _ wanted: [UInt8]) -> Bool {
    if name.isNone { return false }
    let bytes = sections[name.section]
    guard let start = Int(exactly: name.offset), start <= bytes.count,
      bytes.count - start >= wanted.count
    else { return false }
    var index = 0
    while index < wanted.count {
      if bytes[start + index] != wanted[index] { return false }
      index += 1
    }
    return true
  }

  private func isEqual(_ name: StringReference, _ wanted: [UInt8]) -> Bool {
    guard hasPrefix(name, wanted) else { return false }
    let end = Int(name.offset) + wanted.count
    let bytes = sections[name.section]
    return end < bytes.count && bytes[end] == 0
  }
}
