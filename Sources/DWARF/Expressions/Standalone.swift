public import Binary

extension Unit {
  /// The expression without operands that only this unit can resolve: indices become addresses and
  /// numbers, conversions between integers become arithmetic. What cannot be replaced stays.
  public func standalone(_ expression: Bytes) throws(DWARFError) -> [UInt8] {
    let original = expression.array
    var reader = ByteReader(expression, endianness: sections.endianness)
    var result: [UInt8] = []
    var isChanged = false
    do {
      while !reader.isAtEnd {
        let start = reader.position
        let operation = DWOperation(rawValue: try reader.u8())
        // Branches count bytes: with them in the way, nothing is replaced.
        if operation == .skip || operation == .bra { return original }
        if let replacement = try replacement(for: operation, &reader) {
          result += replacement
          isChanged = true
        } else {
          try reader.seek(to: UInt64(start + 1))
          try reader.skipOperands(of: original[start], header)
          result += original[start..<reader.position]
        }
      }
    } catch let error as DWARFError {
      throw error
    } catch {
      return original  // malformed: the evaluation will tell
    }
    return isChanged ? result : original
  }

  /// nil: the operation stays.
  private func replacement(
    for operation: DWOperation?, _ reader: inout ByteReader
  ) throws -> [UInt8]? {
    switch operation {
    case .addrx, .gnuAddrIndex:
      let value = try address(at: try reader.uleb128())
      // `DW_OP_addr`, so that the load bias is added.
      return [DWOperation.addr.rawValue] + bytes(of: value)
    case .constx, .gnuConstIndex:
      return [DWOperation.constu.rawValue]
        + DWARFExpression.uleb128(try address(at: try reader.uleb128()))
    case .convert:
      let type = try reader.uleb128()
      return type == 0 ? [] : try conversion(toTypeAt: header.offset &+ type)
    default: return nil
    }
  }

  private func bytes(of address: UInt64) -> [UInt8] {
    (0..<header.addressByteCount).map { index in
      let shift = sections.endianness == .little ? index : header.addressByteCount - 1 - index
      return UInt8(truncatingIfNeeded: address >> UInt64(shift * 8))
    }
  }

  /// Arithmetic that does what a conversion to an integer type does; nil: not an integer of up to 8
  /// bytes.
  private func conversion(toTypeAt offset: UInt64) throws(DWARFError) -> [UInt8]? {
    let type = try die(at: offset)
    guard let size = try type.attribute(.byteSize)?.number, (1...8).contains(size),
      let raw = try type.attribute(.encoding)?.number
    else { return nil }
    let shift = UInt8(64 - size * 8)
    switch UInt8(exactly: raw).flatMap(DWEncoding.init(rawValue:)) {
    case .unsigned, .unsignedChar, .boolean, .utf, .address:
      if shift == 0 { return [] }
      return [DWOperation.constu.rawValue] + DWARFExpression.uleb128(.max >> UInt64(shift))
        + [DWOperation.and.rawValue]
    case .signed, .signedChar:
      if shift == 0 { return [] }
      let count = [DWOperation.const1u.rawValue, shift]
      return count + [DWOperation.shl.rawValue] + count + [DWOperation.shra.rawValue]
    default: return nil
    }
  }
}

extension ByteReader {
  /// Jumps over the operands of an operation (DWARF 5 §7.7.1, table 7.9).
  fileprivate mutating func skipOperands(of byte: UInt8, _ unit: UnitHeader) throws {
    if (0x70...0x8f).contains(byte) {  // DW_OP_breg0...
      _ = try sleb128()
      return
    }
    switch DWOperation(rawValue: byte) {
    case .addr: try skip(UInt64(unit.addressByteCount))
    case .const1u, .const1s, .pick, .derefSize, .xderefSize: try skip(1)
    case .const2u, .const2s, .skip, .bra, .call2: try skip(2)
    case .const4u, .const4s, .call4: try skip(4)
    case .const8u, .const8s: try skip(8)
    case .callRef: try skip(UInt64(unit.offsetByteCount))
    case .constu, .plusUconst, .regx, .piece, .addrx, .constx, .convert, .reinterpret,
      .gnuAddrIndex, .gnuConstIndex:
      _ = try uleb128()
    case .consts, .fbreg: _ = try sleb128()
    case .bregx:
      _ = try uleb128()
      _ = try sleb128()
    case .bitPiece, .regvalType:
      _ = try uleb128()
      _ = try uleb128()
    case .implicitValue, .entryValue, .gnuEntryValue: try skip(try uleb128())
    case .implicitPointer, .gnuImplicitPointer:
      try skip(UInt64(unit.offsetByteCount))
      _ = try sleb128()
    case .constType:
      _ = try uleb128()
      try skip(UInt64(try u8()))
    case .derefType, .xderefType:
      try skip(1)
      _ = try uleb128()
    default: break
    }
  }
}
