import Binary

extension ELFFile {
  /// Expands what a section holds, if it is compressed (gABI, "Section Compression"; `.zdebug` of
  /// older GNU tools: "ZLIB", then the size in 8 big-endian bytes).
  func expanded(_ contents: Bytes, of section: ELFSection) throws(ELFError) -> Bytes {
    if section.isCompressed { return try expandedByHeader(contents, of: section) }
    guard section.name.hasPrefix(".zdebug_"), contents.count >= 12,
      contents[0..<4].elementsEqual("ZLIB".utf8)
    else { return contents }
    var reader = ByteReader(contents[4..<12], endianness: .big)
    let byteCount = (try? reader.u64()) ?? 0
    return try expand(contents[12..<contents.count], .zlib, to: byteCount, of: section)
  }

  /// `Elf32_Chdr` or `Elf64_Chdr`, then the compressed bytes.
  private func expandedByHeader(
    _ contents: Bytes, of section: ELFSection
  ) throws(ELFError) -> Bytes {
    var reader = ByteReader(contents, endianness: header.endianness)
    let type: UInt32
    let byteCount: UInt64
    do {
      type = try reader.u32()
      if header.is64Bit { try reader.skip(4) }
      byteCount = try reader.unsigned(byteCount: header.wordByteCount)
      try reader.skip(UInt64(header.wordByteCount))  // ch_addralign
    } catch {
      throw failure(section, "the compression header is cut off")
    }
    let compression: Compression
    switch type {
    case 1: compression = .zlib
    case 2: compression = .zstd
    default: throw failure(section, "unknown compression \(type)")
    }
    let rest = contents[reader.position..<contents.count]
    return try expand(rest, compression, to: byteCount, of: section)
  }

  private func expand(
    _ bytes: Bytes, _ compression: Compression, to byteCount: UInt64, of section: ELFSection
  ) throws(ELFError) -> Bytes {
    do {
      return try bytes.expanded(compression, byteCount: byteCount)
    } catch {
      throw failure(section, "\(error)")
    }
  }

  private func failure(_ section: ELFSection, _ reason: String) -> ELFError {
    ELFError(at: section.offset, .badCompression(section: section.name, reason: reason))
  }
}
