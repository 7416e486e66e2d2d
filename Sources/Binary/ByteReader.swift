/// Why a `ByteReader` could not go on; `offset` counts from the start of the reader's bytes.
public struct ByteReaderError: Error, Equatable, CustomStringConvertible {
  public enum Kind: Equatable, Sendable {
    /// `needed` more bytes were asked for, fewer were left.
    case endOfBytes(needed: UInt64)
    /// A LEB128 number has more than 64 significant bits.
    case numberTooLarge
    /// A string has no terminating NUL.
    case unterminatedString
    /// A size that is none of 1, 2, 4, 8.
    case unsupportedSize(Int)
  }

  public let offset: Int
  public let kind: Kind

  public init(offset: Int, kind: Kind) {
    self.offset = offset
    self.kind = kind
  }

  public var description: String {
    let place = "at offset 0x" + String(offset, radix: 16)
    switch kind {
    case .endOfBytes(let needed): return "data ends \(place), \(needed) more bytes needed"
    case .numberTooLarge: return "LEB128 number over 64 bits \(place)"
    case .unterminatedString: return "string without end \(place)"
    case .unsupportedSize(let size): return "unsupported size \(size) \(place)"
    }
  }
}

public enum Endianness: Sendable, Hashable { case little, big }

/// A bounds-checked cursor over `Bytes`.
@frozen
public struct ByteReader: Sendable {
  public let bytes: Bytes
  public let endianness: Endianness
  /// Offset of the next byte from the start of `bytes`; always within `0...bytes.count`.
  @inlinable public var position: Int { cursor }
  @usableFromInline var cursor: Int

  @inlinable
  public init(_ bytes: Bytes, endianness: Endianness = .little) {
    self.bytes = bytes
    self.endianness = endianness
    self.cursor = 0
  }

  @inlinable public var remaining: Int { bytes.count - position }
  @inlinable public var isAtEnd: Bool { position == bytes.count }

  /// Moves to `offset`; one past the last byte is allowed.
  public mutating func seek(to offset: UInt64) throws(ByteReaderError) {
    guard offset <= UInt64(bytes.count) else {
      throw ByteReaderError(
        offset: bytes.count, kind: .endOfBytes(needed: offset - UInt64(bytes.count)))
    }
    cursor = Int(offset)
  }

  @inlinable
  public mutating func skip(_ count: UInt64) throws(ByteReaderError) {
    guard count <= UInt64(remaining) else { throw missing(count) }
    advance(Int(count))
  }

  @inlinable
  public mutating func read<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type
  ) throws(ByteReaderError) -> T {
    guard MemoryLayout<T>.size <= remaining else { throw missing(UInt64(MemoryLayout<T>.size)) }
    let value = bytes.load(type, at: position)
    advance(MemoryLayout<T>.size)
    return endianness == .little ? T(littleEndian: value) : T(bigEndian: value)
  }

  // Written out, not `read(UInt8.self)`: builds without optimisation do not specialise generics, and
  // these are the innermost loop of every reader.
  @inlinable
  public mutating func u8() throws(ByteReaderError) -> UInt8 {
    guard cursor < bytes.count else { throw missing(1) }
    let value = bytes[cursor]
    cursor += 1
    return value
  }

  @inlinable public mutating func i8() throws(ByteReaderError) -> Int8 {
    Int8(bitPattern: try u8())
  }

  @inlinable
  public mutating func u16() throws(ByteReaderError) -> UInt16 {
    guard bytes.count - cursor >= 2 else { throw missing(2) }
    let value = bytes.u16(at: cursor)
    cursor += 2
    return endianness == .little ? value : value.byteSwapped
  }

  @inlinable
  public mutating func u32() throws(ByteReaderError) -> UInt32 {
    guard bytes.count - cursor >= 4 else { throw missing(4) }
    let value = bytes.u32(at: cursor)
    cursor += 4
    return endianness == .little ? value : value.byteSwapped
  }

  @inlinable
  public mutating func u64() throws(ByteReaderError) -> UInt64 {
    guard bytes.count - cursor >= 8 else { throw missing(8) }
    let value = bytes.u64(at: cursor)
    cursor += 8
    return endianness == .little ? value : value.byteSwapped
  }

  /// An unsigned number of `byteCount` bytes (1, 2, 4 or 8): addresses, offsets, sized constants.
  @inlinable
  public mutating func unsigned(byteCount: Int) throws(ByteReaderError) -> UInt64 {
    switch byteCount {
    case 1: return UInt64(try u8())
    case 2: return UInt64(try u16())
    case 4: return UInt64(try u32())
    case 8: return try u64()
    default: throw ByteReaderError(offset: position, kind: .unsupportedSize(byteCount))
    }
  }

  /// DWARF 5 §7.6. Padding bytes beyond 64 bits are accepted while they carry no bits.
  @inlinable
  public mutating func uleb128() throws(ByteReaderError) -> UInt64 {
    let start = position
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try u8()
      let bits = UInt64(byte & 0x7f)
      if shift < 64 {
        guard shift < 57 || bits >> (64 - shift) == 0 else {
          throw ByteReaderError(offset: start, kind: .numberTooLarge)
        }
        result |= bits << shift
      } else if bits != 0 {
        throw ByteReaderError(offset: start, kind: .numberTooLarge)
      }
      shift &+= 7
      if byte & 0x80 == 0 { return result }
    }
  }

  /// DWARF 5 §7.6. Bits beyond 64 must repeat the sign.
  @inlinable
  public mutating func sleb128() throws(ByteReaderError) -> Int64 {
    let start = position
    var result: Int64 = 0
    var shift: Int64 = 0
    while true {
      let byte = try u8()
      let bits = Int64(byte & 0x7f)
      if shift < 64 {
        result |= bits << shift
      } else if bits != (result < 0 ? 0x7f : 0) {
        throw ByteReaderError(offset: start, kind: .numberTooLarge)
      }
      shift &+= 7
      if byte & 0x80 == 0 {
        if shift < 64, byte & 0x40 != 0 { result |= -1 << shift }
        return result
      }
    }
  }

  @inlinable
  public mutating func bytes(_ count: UInt64) throws(ByteReaderError) -> Bytes {
    guard count <= UInt64(remaining) else { throw missing(count) }
    let slice = bytes[position..<position + Int(count)]
    advance(Int(count))
    return slice
  }

  /// The bytes up to the next NUL, which is consumed and not returned.
  public mutating func cString() throws(ByteReaderError) -> Bytes {
    var end = position
    while end < bytes.count, bytes[end] != 0 { end += 1 }
    guard end < bytes.count else {
      throw ByteReaderError(offset: position, kind: .unterminatedString)
    }
    let string = bytes[position..<end]
    advance(end + 1 - position)
    return string
  }

  @usableFromInline
  func missing(_ needed: UInt64) -> ByteReaderError {
    ByteReaderError(offset: position, kind: .endOfBytes(needed: needed))
  }

  @usableFromInline
  mutating func advance(_ count: Int) { cursor += count }
}

extension String {
  /// The bytes as UTF-8, ill-formed sequences replaced by U+FFFD. Not escaped: see the output gate.
  public init(_ bytes: Bytes) { self.init(decoding: bytes, as: UTF8.self) }
}
