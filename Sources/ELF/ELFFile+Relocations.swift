public import Binary

extension ELFFile {
  /// The bytes of a section of a relocatable file with its relocations applied, for sections that
  /// are laid out as `address(of:)` says; those of any other file as they are: a linker that kept
  /// the relocations (`--emit-relocs`) has applied them.
  public func relocatedContents(of section: ELFSection) throws(ELFError) -> Bytes {
    let plain = try contents(of: section)
    guard header.type == .relocatable else { return plain }
    // SHT_RELA, SHT_REL
    let tables = sections.filter {
      ($0.type == 4 || $0.type == 9) && Int(exactly: $0.info) == section.index
    }
    if tables.isEmpty { return plain }
    var patch = RelocationPatch(
      bytes: plain.array, endianness: header.endianness, address: address(of: section))
    for table in tables { try apply(table, to: &patch) }
    return Bytes(patch.bytes)
  }

  private func apply(_ table: ELFSection, to patch: inout RelocationPatch) throws(ELFError) {
    let symbols = try symbolValues(of: table)
    let entries = try contents(of: table)
    var reader = ByteReader(entries, endianness: header.endianness)
    while reader.remaining > 0 {
      let place = table.offset &+ UInt64(reader.position)
      guard
        let entry = try? Relocation(
          reading: &reader, is64Bit: header.is64Bit, hasAddend: table.type == 4)
      else { throw ELFError(at: place, .badRelocation("cut off")) }
      guard let rule = RelocationRule.of(type: entry.type, machine: header.machine) else {
        throw ELFError(at: place, .badRelocation("type \(entry.type) is unknown"))
      }
      guard Int(exactly: entry.symbol).map(symbols.indices.contains) == true else {
        throw ELFError(at: place, .badRelocation("symbol \(entry.symbol) does not exist"))
      }
      guard patch.apply(rule, entry, symbol: symbols[Int(entry.symbol)]) else {
        throw ELFError(at: place, .badRelocation("its place is outside the section"))
      }
    }
  }

  /// Addresses of the symbols that a relocation section refers to, by their index.
  private func symbolValues(of table: ELFSection) throws(ELFError) -> [UInt64] {
    guard let link = Int(exactly: table.link), sections.indices.contains(link),
      sections[link].type == 2
    else { throw ELFError(at: table.offset, .badRelocation("no symbol table")) }
    // The first entry is "no symbol": 0.
    return [0] + (try symbols(in: sections[link])).map(\.value)
  }
}

/// The bytes of one section while relocations are applied to them.
private struct RelocationPatch {
  var bytes: [UInt8]
  let endianness: Endianness
  let address: UInt64

  /// false: the place does not exist.
  mutating func apply(_ rule: RelocationRule, _ entry: Relocation, symbol: UInt64) -> Bool {
    guard let place = Int(exactly: entry.offset) else { return false }
    func value(_ width: Int) -> UInt64? {
      guard let old = load(place, width) else { return nil }
      return symbol &+ (entry.addend ?? old)
    }
    switch rule {
    case .none: return true
    case .absolute(let width):
      guard let value = value(width) else { return false }
      return store(value, place, width)
    case .relative(let width):
      guard let value = value(width) else { return false }
      return store(value &- (address &+ entry.offset), place, width)
    case .add(let width):
      guard let old = load(place, width) else { return false }
      return store(old &+ symbol &+ (entry.addend ?? 0), place, width)
    case .subtract(let width):
      guard let old = load(place, width) else { return false }
      return store(old &- symbol &- (entry.addend ?? 0), place, width)
    case .set6, .subtract6:
      guard let old = load(place, 1) else { return false }
      let value = symbol &+ (entry.addend ?? 0)
      let bits = (rule == .set6 ? value : (old & 0x3f) &- value) & 0x3f
      return store(old & 0xc0 | bits, place, 1)
    case .setULEB128, .subtractULEB128:
      let value = symbol &+ (entry.addend ?? 0)
      return patchULEB128(place) { rule == .setULEB128 ? value : $0 &- value }
    }
  }

  private func load(_ place: Int, _ width: Int) -> UInt64? {
    guard place >= 0, width <= bytes.count, place <= bytes.count - width else { return nil }
    let piece = bytes[place..<place + width]
    let ordered = endianness == .little ? Array(piece.reversed()) : Array(piece)
    return ordered.reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func store(_ value: UInt64, _ place: Int, _ width: Int) -> Bool {
    for position in 0..<width {
      let shift = UInt64(8 * (endianness == .little ? position : width - 1 - position))
      bytes[place + position] = UInt8(truncatingIfNeeded: value >> shift)
    }
    return true
  }

  /// Rewrites the number at a place in the bytes that it has.
  private mutating func patchULEB128(_ place: Int, _ change: (UInt64) -> UInt64) -> Bool {
    var end = place
    var old: UInt64 = 0
    repeat {
      guard bytes.indices.contains(end), end - place < 10 else { return false }
      old |= UInt64(bytes[end] & 0x7f) << UInt64(7 * (end - place))
      end += 1
    } while bytes[end - 1] & 0x80 != 0
    var value = change(old)
    for position in place..<end {
      bytes[position] = bytes[position] & 0x80 | UInt8(value & 0x7f)
      value >>= 7
    }
    return true
  }
}
