import Binary

extension ELFFile {
  /// The entries of `.symtab`, or of `.dynsym` when there is no other; in the order of the file,
  /// without the first.
  public func symbols() throws(ELFError) -> [ELFSymbol] {
    guard
      let table = sections.first(where: { $0.type == 2 })
        ?? sections.first(where: { $0.type == 11 })
    else { return [] }
    return try symbols(in: table)
  }

  func symbols(in table: ELFSection) throws(ELFError) -> [ELFSymbol] {
    let expected = ELFSymbol.byteCount(is64Bit: header.is64Bit)
    guard table.entryByteCount == expected else {
      throw ELFError(
        at: table.offset,
        .badEntrySize(.symbols, found: table.entryByteCount, expected: expected))
    }
    guard let link = Int(exactly: table.link), sections.indices.contains(link),
      sections[link].type == 3
    else { throw ELFError(at: table.offset, .badStringTable(index: UInt64(table.link))) }
    let symbols = read(try contents(of: table), names: try contents(of: sections[link]))
    return header.type == .relocatable ? placed(symbols, of: table) : symbols
  }

  private func read(_ table: Bytes, names: Bytes) -> [ELFSymbol] {
    var reader = ByteReader(table, endianness: header.endianness)
    var symbols: [ELFSymbol] = []
    let size = Int(ELFSymbol.byteCount(is64Bit: header.is64Bit))
    symbols.reserveCapacity(table.count / size)
    while let symbol = try? ELFSymbol(reading: &reader, is64Bit: header.is64Bit, names: names) {
      symbols.append(symbol)
    }
    return Array(symbols.dropFirst())
  }

  /// In a relocatable file values count from the symbol's section.
  private func placed(_ symbols: [ELFSymbol], of table: ELFSection) -> [ELFSymbol] {
    let extended = extendedIndices(of: table)
    return symbols.enumerated().map { position, symbol in
      var symbol = symbol
      var section = Int(symbol.sectionIndex)
      // SHN_XINDEX: the index is in a section of its own, whose first entry is symbol 0's.
      if section == 0xffff, extended.indices.contains(position + 1) {
        section = Int(extended[position + 1])
      } else if section >= 0xff00 {
        return symbol
      }
      if sectionAddresses.indices.contains(section) {
        symbol.value &+= sectionAddresses[section]
      }
      return symbol
    }
  }

  /// `SHT_SYMTAB_SHNDX` of a symbol table.
  private func extendedIndices(of table: ELFSection) -> [UInt32] {
    guard
      let section = sections.first(where: {
        $0.type == 18 && Int(exactly: $0.link) == table.index
      }), let contents = try? contents(of: section)
    else { return [] }
    var reader = ByteReader(contents, endianness: header.endianness)
    var indices: [UInt32] = []
    while let index = try? reader.u32() { indices.append(index) }
    return indices
  }
}
