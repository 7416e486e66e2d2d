public import Binary

/// Assembles the bytes of a section or file, in either byte order.
public final class SectionBuilder {
  public private(set) var array: [UInt8] = []
  public let endianness: Endianness

  public init(_ endianness: Endianness = .little) { self.endianness = endianness }

  public var bytes: Bytes { Bytes(array) }
  public var count: Int { array.count }

  @discardableResult
  public func append<T: FixedWidthInteger>(_ value: T) -> Self {
    let ordered = endianness == .little ? value.littleEndian : value.bigEndian
    for index in 0..<(T.bitWidth / 8) {
      array.append(UInt8(truncatingIfNeeded: ordered >> T(index * 8)))
    }
    return self
  }

  @discardableResult
  public func u8(_ value: UInt8) -> Self { append(value) }
  @discardableResult
  public func u16(_ value: UInt16) -> Self { append(value) }
  @discardableResult
  public func u32(_ value: UInt32) -> Self { append(value) }
  @discardableResult
  public func u64(_ value: UInt64) -> Self { append(value) }

  /// A number of 1, 2, 4 or 8 bytes.
  @discardableResult
  public func unsigned(_ value: UInt64, byteCount: Int) -> Self {
    switch byteCount {
    case 1: append(UInt8(truncatingIfNeeded: value))
    case 2: append(UInt16(truncatingIfNeeded: value))
    case 4: append(UInt32(truncatingIfNeeded: value))
    default: append(value)
    }
  }

  @discardableResult
  public func uleb128(_ value: UInt64) -> Self {
    var rest = value
    repeat {
      let byte = UInt8(rest & 0x7f)
      rest >>= 7
      array.append(rest == 0 ? byte : byte | 0x80)
    } while rest != 0
    return self
  }

  @discardableResult
  public func sleb128(_ value: Int64) -> Self {
    var rest = value
    while true {
      let byte = UInt8(truncatingIfNeeded: rest & 0x7f)
      rest >>= 7
      if (rest == 0 && byte & 0x40 == 0) || (rest == -1 && byte & 0x40 != 0) {
        array.append(byte)
        return self
      }
      array.append(byte | 0x80)
    }
  }

  @discardableResult
  public func append(_ bytes: [UInt8]) -> Self {
    array += bytes
    return self
  }

  /// The text and a NUL.
  @discardableResult
  public func cString(_ text: String) -> Self {
    array += Array(text.utf8) + [0]
    return self
  }

  @discardableResult
  public func align(to step: Int) -> Self {
    while array.count % step != 0 { array.append(0) }
    return self
  }

  /// Overwrites a 32-bit number that was written before.
  public func patch(u32 value: UInt32, at offset: Int) {
    let number = SectionBuilder(endianness)
    number.u32(value)
    array.replaceSubrange(offset..<offset + 4, with: number.array)
  }
}
