/// Location and value expressions (DWARF 5 §2.5, §2.6).
public enum DWARFExpression {
  /// An expression whose value is this number.
  public static func constant(_ value: UInt64) -> [UInt8] {
    [DWOperation.const8u.rawValue] + (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
      + [DWOperation.stackValue.rawValue]
  }

  /// An expression whose value is these bytes.
  public static func implicitValue(_ bytes: [UInt8]) -> [UInt8] {
    [DWOperation.implicitValue.rawValue] + uleb128(UInt64(bytes.count)) + bytes
  }

  static func uleb128(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    repeat {
      let byte = UInt8(rest & 0x7f)
      rest >>= 7
      bytes.append(rest == 0 ? byte : byte | 0x80)
    } while rest != 0
    return bytes
  }
}
