import CZlib
import CZstd

/// Why compressed bytes could not be expanded.
public enum DecompressionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The library's own word.
  case malformed(String)
  /// The contents are longer or shorter than the header says.
  case wrongSize(expected: UInt64)
  /// The header asks for more than `Bytes.mostExpanded`, or than such input can ever give.
  case tooLarge(UInt64)

  public var description: String {
    switch self {
    case .malformed(let reason): "compressed data is malformed: \(reason)"
    case .wrongSize(let expected): "compressed data does not expand to \(expected) bytes"
    case .tooLarge(let size): "compressed data claims to expand to \(size) bytes"
    }
  }
}

/// How a piece of a file is compressed.
public enum Compression: Sendable {
  /// RFC 1950.
  case zlib
  /// RFC 8878; several frames may follow one another.
  case zstd
}

extension Bytes {
  /// The most that one piece may expand to: more than any debugging section we have met.
  static let mostExpanded: UInt64 = 4 << 30

  /// The contents, which must be exactly `byteCount` long.
  ///
  /// The system gives memory as the output grows, so a false claim costs address space only.
  public func expanded(
    _ compression: Compression, byteCount: UInt64
  ) throws(DecompressionError) -> Bytes {
    // Deflate gives at most 1032 bytes for one (zlib's technical notes); zstd has no such bound.
    let bound = compression == .zlib ? 1032 &* (UInt64(count) &+ 1) : Self.mostExpanded
    guard byteCount <= Swift.min(bound, Self.mostExpanded), byteCount > 0 else {
      if byteCount == 0 { return self[0..<0] }
      throw .tooLarge(byteCount)
    }
    let output = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(byteCount), alignment: 8)
    do throws(DecompressionError) {
      let produced =
        switch compression {
        case .zlib: unsafe try inflate(into: output)
        case .zstd: unsafe try expandZstd(into: output)
        }
      guard produced == byteCount else { throw .wrongSize(expected: byteCount) }
    } catch {
      unsafe output.deallocate()
      throw error
    }
    return unsafe Bytes(adopting: output)
  }

  /// How many bytes were made.
  private func inflate(
    into output: UnsafeMutableRawBufferPointer
  ) throws(DecompressionError) -> UInt64 {
    var produced = UInt(output.count)
    var consumed = UInt(count)
    // SAFETY: zlib stays within both sizes; the storage lives as long as `self`.
    let status = unsafe uncompress2(
      output.baseAddress?.assumingMemoryBound(to: UInt8.self), &produced,
      (storage.base + start).assumingMemoryBound(to: UInt8.self), &consumed)
    switch status {
    case Z_OK: return UInt64(produced)
    case Z_BUF_ERROR: throw .wrongSize(expected: UInt64(output.count))
    default: throw .malformed("zlib gives status \(status)")
    }
  }

  private func expandZstd(
    into output: UnsafeMutableRawBufferPointer
  ) throws(DecompressionError) -> UInt64 {
    // SAFETY: zstd stays within both sizes; the storage lives as long as `self`.
    let status = unsafe ZSTD_decompress(
      output.baseAddress, output.count, storage.base + start, count)
    guard ZSTD_isError(status) == 0 else {
      // SAFETY: the library's error names are constants.
      throw .malformed(unsafe String(cString: ZSTD_getErrorName(status)))
    }
    return UInt64(status)
  }
}
