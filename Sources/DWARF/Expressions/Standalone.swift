public import Binary

extension Unit {
  /// The expression without operands that only this unit can resolve: indices of addresses become addresses.
  public func standalone(_ expression: Bytes) throws(DWARFError) -> [UInt8] {
    expression.array
  }
}
