/// Owns the memory behind `Bytes`: an array of our own, or a mapped file.
@usableFromInline
@safe final class ByteStorage: @unchecked Sendable {
  // SAFETY: the region is immutable and stays valid until `release` runs in deinit, so sharing the
  // pointer between threads is a shared read.
  @usableFromInline let base: UnsafeRawPointer
  private let release: () -> Void

  init(base: UnsafeRawPointer, release: @escaping () -> Void) {
    unsafe self.base = base
    self.release = release
  }

  deinit { release() }
}

/// Immutable bytes with an owner: a slice of a mapped file, or memory of our own.
///
/// Slices share the owner; indices of a slice start at 0.
@frozen
public struct Bytes: Sendable, RandomAccessCollection {
  @usableFromInline let storage: ByteStorage
  @usableFromInline let start: Int
  public let count: Int

  @usableFromInline
  init(storage: ByteStorage, start: Int, count: Int) {
    self.storage = storage
    self.start = start
    self.count = count
  }

  /// Copies `elements`.
  public init(_ elements: some Collection<UInt8>) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: elements.count, alignment: 8)
    // SAFETY: `copy` has room for exactly these bytes, and is handed over at once.
    unsafe copy.copyBytes(from: elements)
    unsafe self.init(adopting: copy)
  }

  /// Takes over memory from `allocate`, filled to its end and not empty.
  init(adopting buffer: UnsafeMutableRawBufferPointer) {
    // SAFETY: nobody else refers to the buffer any more; the storage frees it once, when it goes.
    let base = unsafe UnsafeRawPointer(buffer.baseAddress ?? buffer.baseAddressOfEmpty)
    self.init(
      storage: unsafe ByteStorage(base: base, release: { unsafe buffer.deallocate() }), start: 0,
      count: buffer.count)
  }

  @inlinable public var startIndex: Int { 0 }
  @inlinable public var endIndex: Int { count }

  @inlinable
  public subscript(position: Int) -> UInt8 {
    precondition(position >= 0 && position < count, "index out of range")
    // SAFETY: start + position is inside the storage; checked above.
    return unsafe storage.base.load(fromByteOffset: start + position, as: UInt8.self)
  }

  /// The bytes in `range`, sharing the owner. `range` must lie within `0..<count`.
  @inlinable
  public subscript(range: Range<Int>) -> Bytes {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range out of bounds")
    return Bytes(storage: storage, start: start + range.lowerBound, count: range.count)
  }

  /// The `length` bytes at `offset`, or nil when they do not all exist. Safe on untrusted numbers.
  @inlinable
  public func slice(at offset: UInt64, count length: UInt64) -> Bytes? {
    guard offset <= UInt64(count), length <= UInt64(count) - offset else { return nil }
    return self[Int(offset)..<Int(offset + length)]
  }

  /// An unaligned little-endian load; `offset` must be in range by the caller's check.
  @inlinable
  func u16(at offset: Int) -> UInt16 {
    precondition(offset >= 0 && 2 <= count - offset, "load out of range")
    // SAFETY: the whole value is inside the storage; checked above.
    return unsafe storage.base.loadUnaligned(fromByteOffset: start + offset, as: UInt16.self)
      .littleEndian
  }

  /// An unaligned little-endian load; `offset` must be in range by the caller's check.
  @inlinable
  func u32(at offset: Int) -> UInt32 {
    precondition(offset >= 0 && 4 <= count - offset, "load out of range")
    // SAFETY: the whole value is inside the storage; checked above.
    return unsafe storage.base.loadUnaligned(fromByteOffset: start + offset, as: UInt32.self)
      .littleEndian
  }

  /// An unaligned little-endian load; `offset` must be in range by the caller's check.
  @inlinable
  func u64(at offset: Int) -> UInt64 {
    precondition(offset >= 0 && 8 <= count - offset, "load out of range")
    // SAFETY: the whole value is inside the storage; checked above.
    return unsafe storage.base.loadUnaligned(fromByteOffset: start + offset, as: UInt64.self)
      .littleEndian
  }

  /// An unaligned load; `offset` must be in range by the caller's check.
  @inlinable
  func load<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, at offset: Int) -> T {
    precondition(offset >= 0 && MemoryLayout<T>.size <= count - offset, "load out of range")
    // SAFETY: the whole value is inside the storage; checked above.
    return unsafe storage.base.loadUnaligned(fromByteOffset: start + offset, as: T.self)
  }

  @inlinable public var array: [UInt8] { Array(self) }
}

extension UnsafeMutableRawBufferPointer {
  /// A non-null address for the empty buffer; never loaded from.
  fileprivate var baseAddressOfEmpty: UnsafeMutableRawPointer {
    // SAFETY: any non-null bit pattern will do, because `count` is 0.
    unsafe UnsafeMutableRawPointer(bitPattern: 8).unsafelyUnwrapped
  }
}
