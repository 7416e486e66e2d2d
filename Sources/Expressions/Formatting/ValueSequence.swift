public import Machine
public import Symbols

/// The elements of a container, found when they are asked for.
public struct ValueSequence {
  /// Hands elements over in order until the body returns false.
  public typealias Walk = (_ body: (Value) -> Bool) throws(ValueError) -> Void

  /// As the target says: checked by walking, never used to allocate.
  public let claimedCount: UInt64
  /// Elements of every type that has no size are all the same one.
  public let walk: Walk
  private let access: ((UInt64) throws(ValueError) -> Value)?

  /// - Parameter access: an element by its index, below `claimedCount`; nil: only by walking.
  public init(
    claimedCount: UInt64, access: ((UInt64) throws(ValueError) -> Value)? = nil,
    walk: @escaping Walk
  ) {
    self.claimedCount = claimedCount
    self.access = access
    self.walk = walk
  }

  /// The element at `index`.
  public func element(_ index: UInt64, path: String) throws(ValueError) -> Value {
    guard index < claimedCount else {
      throw ValueError(
        path: path,
        .noSuchMember("index \(index) is outside of its \(claimedCount) elements"))
    }
    if let access { return try access(index) }
    var found: Value?
    var position: UInt64 = 0
    try walk { value in
      if position == index { found = value }
      position += 1
      return position <= index
    }
    guard let found else {
      throw ValueError(path: path, .corrupt("it ends before element \(index)"))
    }
    return found
  }

  /// Elements side by side in memory, read in pieces of a few KiB.
  public static func contiguous(
    _ type: Type, at base: Address, count: UInt64, memory: any MemoryReader, path: String
  ) -> ValueSequence {
    let run = ElementRun(type: type, base: base, memory: memory, path: path)
    return ValueSequence(
      claimedCount: count,
      access: { index throws(ValueError) in try run.element(index, name: index) },
      walk: { body throws(ValueError) in
        _ = try run.walk(0..<count, name: 0, body)
      })
  }

  /// Elements in a ring of `capacity` places, the first at `head`.
  public static func ring(
    _ type: Type, at base: Address, head: UInt64, count: UInt64, capacity: UInt64,
    memory: any MemoryReader, path: String
  ) -> ValueSequence {
    let run = ElementRun(type: type, base: base, memory: memory, path: path)
    // Elements before the end of the storage; the others start at place 0.
    let straight = min(count, capacity &- head)
    return ValueSequence(
      claimedCount: count,
      access: { index throws(ValueError) in
        try run.element(index < straight ? head &+ index : index - straight, name: index)
      },
      walk: { body throws(ValueError) in
        guard try run.walk(head..<head &+ straight, name: 0, body) else { return }
        _ = try run.walk(0..<count - straight, name: straight, body)
      })
  }
}

/// Equal elements side by side.
private struct ElementRun {
  let type: Type
  let base: Address
  let memory: any MemoryReader
  let path: String

  func size() throws(ValueError) -> UInt64 {
    guard let size = type.byteCount else {
      throw ValueError(path: path, .wrongType("the size of `\(type.name)` is not known"))
    }
    return size
  }

  func element(_ place: UInt64, name: UInt64) throws(ValueError) -> Value {
    Value(
      type: type, location: .memory(base + place &* (try size())), memory: memory,
      path: "\(path)[\(name)]")
  }

  /// Returns whether the body wants more.
  func walk(
    _ places: Range<UInt64>, name: UInt64, _ body: (Value) -> Bool
  ) throws(ValueError) -> Bool {
    let size = try size()
    let perPiece = max(1, UInt64(ObjectCopy.maximumByteCount) / max(size, 1))
    var piece: ObjectCopy?
    for place in places {
      let offset = place - places.lowerBound
      let address = base + place &* size
      if offset % perPiece == 0 {
        let count = min(perPiece, places.upperBound - place)
        piece = ObjectCopy(address: address, byteCount: count &* size, memory: memory)
      }
      let value = Value(
        type: type, location: .memory(address), memory: memory, path: "\(path)[\(name &+ offset)]",
        within: piece)
      guard body(value) else { return false }
    }
    return true
  }
}
