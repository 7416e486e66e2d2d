import Machine

/// The bytes of one small object in the target, read at once when the first of them is needed.
///
/// The values of its members share it, so that they agree with one another and cost one read.
final class ObjectCopy {
  /// Larger objects are read member by member.
  static let maximumByteCount = 4096

  private enum State {
    case unread
    case read([UInt8])
    /// Not all of it can be read; parts are asked for one by one.
    case unreadable
  }

  let address: Address
  let byteCount: Int
  private let memory: any MemoryReader
  private var state = State.unread

  /// nil when the size is none that is copied.
  init?(address: Address, byteCount: UInt64?, memory: any MemoryReader) {
    guard let byteCount, byteCount > 0, byteCount <= UInt64(Self.maximumByteCount) else {
      return nil
    }
    self.address = address
    self.byteCount = Int(byteCount)
    self.memory = memory
  }

  /// Whether the `count` bytes at `part` all belong to the object.
  func covers(_ part: Address, count: UInt64) -> Bool {
    let offset = part.rawValue &- address.rawValue
    return offset <= UInt64(byteCount) && count <= UInt64(byteCount) - offset
  }

  /// Bytes of a part that `covers` has agreed to.
  func bytes(at part: Address, count: Int) throws(MemoryError) -> [UInt8] {
    if case .unread = state { read() }
    guard case .read(let bytes) = state, covers(part, count: UInt64(count)) else {
      return try memory.read(part, count: count)
    }
    let offset = Int(part.rawValue &- address.rawValue)
    return Array(bytes[offset..<offset + count])
  }

  private func read() {
    do throws(MemoryError) {
      state = .read(try memory.read(address, count: byteCount))
    } catch {
      state = .unreadable
    }
  }
}
