/// The entries of a map, found when they are asked for.
public struct ValueMap {
  /// Hands entries over in order until the body returns false.
  public typealias Walk = (_ body: (_ key: Value, _ value: Value) -> Bool) throws(ValueError) ->
    Void

  /// As the target says: checked by walking, never used to allocate.
  public let claimedCount: UInt64
  public let walk: Walk

  private let lookup: ((Int128) throws(ValueError) -> Value?)?

  /// - Parameter lookup: finds the value of a numeric key without walking; nil is no final answer.
  public init(
    claimedCount: UInt64, lookup: ((Int128) throws(ValueError) -> Value?)? = nil,
    walk: @escaping Walk
  ) {
    self.claimedCount = claimedCount
    self.lookup = lookup
    self.walk = walk
  }

  /// The value whose key is this number, or nil.
  public func value(forKey number: Int128) throws(ValueError) -> Value? {
    if let lookup, let value = try lookup(number) { return value }
    var found: Value?
    try walk { key, value in
      if let candidate = try? key.integer(), candidate == number { found = value }
      return found == nil
    }
    return found
  }

  /// The value whose key is this text, or nil.
  public func value(forKey text: [UInt8]) throws(ValueError) -> Value? {
    var found: Value?
    try walk { key, value in
      if let string = try? key.string(), string.byteCount == UInt64(text.count),
        let bytes = try? string.bytes(limit: text.count), bytes == text
      {
        found = value
      }
      return found == nil
    }
    return found
  }
}
