public import Machine

/// What a value means, as opposed to how it is laid out.
public enum ValueView {
  /// It only wraps another value: a box, a cell, a lock; with a remark about the wrapping.
  case transparent(Value, note: ViewNote?)
  /// There or not; printed as its variants.
  case optional(Value?)
  case string(TargetString)
  case sequence(ValueSequence)
  case map(ValueMap)
  /// A finished scalar: `1.5s`.
  case text(String)
}

/// A remark about a wrapper.
public struct ViewNote: Sendable, Equatable, ExpressibleByStringLiteral {
  public let text: String
  /// Whether it says what one expects: shown only when nothing is around the wrapper.
  public let isOrdinary: Bool

  public init(_ text: String, isOrdinary: Bool = false) {
    self.text = text
    self.isOrdinary = isOrdinary
  }

  public init(stringLiteral text: String) { self.init(text) }
}

/// Text in the target, not read yet.
public struct TargetString {
  public let address: Address
  /// As the target says; nothing is allocated by it.
  public let byteCount: UInt64
  let memory: any MemoryReader
  let path: String

  public init(address: Address, byteCount: UInt64, memory: any MemoryReader, path: String) {
    self.address = address
    self.byteCount = byteCount
    self.memory = memory
    self.path = path
  }

  /// Its first `limit` bytes.
  public func bytes(limit: Int) throws(ValueError) -> [UInt8] {
    let count = min(Int(clamping: byteCount), limit)
    guard count > 0 else { return [] }
    do throws(MemoryError) {
      return try memory.read(address, count: count)
    } catch {
      throw ValueError(path: path, .memory(error))
    }
  }
}
