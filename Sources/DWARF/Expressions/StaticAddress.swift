public import Binary

extension Unit {
  /// The address that an expression of a single `DW_OP_addr` or `DW_OP_addrx` gives; nil for any
  /// other.
  public func staticAddress(of expression: Bytes) throws(DWARFError) -> UInt64? {
    guard let first = expression.first else { return nil }
    var reader = ByteReader(expression, endianness: sections.endianness)
    do {
      try reader.skip(1)
      switch DWOperation(rawValue: first) {
      case .addr:
        let address = try reader.unsigned(byteCount: header.addressByteCount)
        return reader.isAtEnd ? address : nil
      case .addrx, .gnuAddrIndex:
        let index = try reader.uleb128()
        return reader.isAtEnd ? try address(at: index) : nil
      default: return nil
      }
    } catch let error as DWARFError {
      throw error
    } catch {
      return nil
    }
  }
}
