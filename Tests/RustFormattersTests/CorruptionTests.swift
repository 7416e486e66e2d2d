import Expressions
import Machine
import RustFormatters
import Symbols
import Testing

/// Memory with some bytes replaced, which counts reads and can be cut off.
final class PatchedMemory: MemoryReader {
  let base: any MemoryReader
  private var patches: [UInt64: UInt8] = [:]
  private(set) var readCount = 0
  private(set) var byteCount = 0
  /// Everything that was read, for those who want to spoil it.
  private(set) var touched: [UInt64] = []

  init(base: any MemoryReader) { self.base = base }

  func store(_ number: UInt64, at address: Address, count: Int) {
    for index in 0..<UInt64(count) {
      patches[address.rawValue + index] = UInt8(truncatingIfNeeded: number >> (index * 8))
    }
  }

  func read(_ address: Address, count: Int) throws(MemoryError) -> [UInt8] {
    readCount += 1
    byteCount += count
    touched += (0..<8).map { address.rawValue &+ $0 * UInt64(max(1, count / 8)) }
    var bytes = try base.read(address, count: count)
    if !patches.isEmpty {
      for index in bytes.indices {
        if let byte = patches[address.rawValue &+ UInt64(index)] { bytes[index] = byte }
      }
    }
    return bytes
  }
}

/// What a broken machine's memory looks like: an answer, never a trap, never garbage unmarked.
@Suite(.enabled(if: !RustProgram.all.isEmpty)) struct CorruptionTests {
  let program: RustProgram
  let memory: PatchedMemory

  init() throws {
    Self.registered
    program = try #require(RustProgram.all.first?.program)
    memory = PatchedMemory(base: program)
  }

  private static let registered: Void = RustFormatters.registerAll()

  func value(_ name: String) throws -> Value {
    let all = try program.variable("ALL")
    let member = try all.smartMember(named: name)
    return Value(type: member.type, location: member.location, memory: memory, path: name)
  }

  func address(_ value: Value) throws -> Address { try #require(value.address) }

  @Test func lengthBeyondTheCapacity() throws {
    let length = try value("vec").member(named: "len")
    memory.store(1 << 50, at: try address(length), count: 8)
    #expect(
      try value("vec").format().renderLine()
        == "<corrupt: length \(UInt64(1) << 50) exceeds the capacity 3>")
  }

  @Test func deque() throws {
    memory.store(99, at: try address(value("deque").member(named: "head")), count: 8)
    #expect(
      try value("deque").format().renderLine() == "<corrupt: head 99 is outside of the capacity 8>")
  }

  @Test func mapSaysMoreThanThereIs() throws {
    memory.store(9, at: try address(value("map_id").member(named: "length")), count: 8)
    #expect(
      try value("map_id").format().renderLine()
        == "{Id(2): (), Id(4): (), <corrupt: the length is 9, but there are 2 entries>}")
    let contents = try value("map_id").contents(limit: 100)
    #expect(contents.entries.count == 2)
    #expect(contents.problem?.kind == .corrupt("the length is 9, but there are 2 entries"))
    #expect(throws: ValueError.self) { try value("map_id").entries(limit: 100) }
  }

  @Test func mapSaysLessThanThereIs() throws {
    memory.store(1, at: try address(value("map_id").member(named: "length")), count: 8)
    #expect(
      try value("map_id").format().renderLine()
        == "{Id(2): (), <corrupt: the length is 1, but there are more entries>}")
  }

  /// The root of a map, as a node.
  func root(of map: Value) throws -> Value {
    let root = try #require(try map.member(named: "root").activeVariant()?.payload)
    return try root.member(named: "0").member(named: "node").dereferenced()
  }

  @Test func nodeWithTooManyKeys() throws {
    memory.store(300, at: try address(root(of: value("map_id")).member(named: "len")), count: 2)
    let line = try value("map_id").format().renderLine()
    #expect(line.hasPrefix("{<corrupt: the node at 0x"))
    #expect(line.hasSuffix(" says it has 300 of 11 keys>}"))
  }

  @Test func nodeWithTheWrongParent() throws {
    let node = try root(of: value("map_id"))
    memory.store(0xdead_0000, at: try address(node.member(named: "parent")), count: 8)
    let line = try value("map_id").format().renderLine()
    #expect(line.hasSuffix(" has the wrong parent 0x00000000dead0000>}"))
  }

  @Test func heightOfNoTree() throws {
    let root = try #require(try value("map_id").member(named: "root").activeVariant()?.payload)
    memory.store(
      1 << 60, at: try address(root.member(named: "0").member(named: "height")), count: 8)
    #expect(try value("map_id").format().renderLine() == "<corrupt: height 1152921504606846976>")
  }

  @Test func listThatGoesInACircle() throws {
    let list = try value("list")
    let head = try #require(try list.member(named: "head").activeVariant()?.payload)
    let node = try head.member(named: "0").dereferenced()
    memory.store(try address(node).rawValue, at: try address(node.member(named: "next")), count: 8)
    let line = try value("list").format().renderLine()
    #expect(
      line.hasPrefix("[-1, <corrupt: the node at 0x") && line.hasSuffix("does not point back>]"))
  }

  @Test func hashMapSaysMoreThanThereIs() throws {
    let table = try value("hash_one").smartMember(named: "base").smartMember(named: "table")
    memory.store(3, at: try address(table.member(named: "table").member(named: "items")), count: 8)
    #expect(
      try value("hash_one").format().renderLine()
        == "{\"one\": 1, <corrupt: it says it has 3 items, but 1 buckets are full>}")
  }

  @Test func pointerToNowhere() throws {
    memory.store(0x5000, at: try address(value("boxed")), count: 8)
    #expect(
      try value("boxed").format().renderLine()
        == "Id(<0x0000000000005000 is not in the dump>)")
  }

  @Test func stringOfAGigabyte() throws {
    memory.store(1 << 30, at: try address(value("str").member(named: "length")), count: 8)
    let line = try value("str").format().renderLine()
    #expect(line.hasPrefix("\"static") && line.hasSuffix("\"...") && line.utf8.count < 2000)
  }

  // MARK: Cost

  @Test func nodesAreReadOnce() throws {
    let contents = try value("map_threads").contents(limit: 100)
    #expect(contents.entries.count == 13)
    // The map itself, its root and two leaves (13 keys do not fit into one node).
    #expect(memory.readCount <= 5)
    #expect(memory.byteCount < 1024)
  }

  @Test func keysAreFoundWithoutWalking() throws {
    let thread = try value("map_big").smartElement(1234)
    #expect(thread.path == "map_big[1234]")
    // The map and a node for each of at most five levels.
    #expect(memory.readCount <= 6)
    #expect(try thread.smartMember(named: "id").unsigned() == 1234)
    for key in [0, 1, 999, 1999] as [Int128] {
      #expect(try value("map_big").smartElement(key).smartMember(named: "id").integer() == key)
    }
  }

  @Test func bigVectorsAreReadInPieces() throws {
    let contents = try value("vec").contents(limit: 100)
    for entry in contents.entries { _ = try entry.value.unsigned() }
    #expect(memory.readCount == 2)
  }

  // MARK: Seeded damage

  /// Bytes that the views read are replaced at random, again and again.
  @Test func damagedMemoryNeverTraps() throws {
    let names = program.printed.map(\.name).filter { $0 != "map_big" }
    for name in names { _ = try value(name).format() }
    let touched = memory.touched
    var random = SplitMix(state: 1105)
    for round in 0..<20 {
      let damaged = PatchedMemory(base: program)
      for _ in 0..<60 {
        let address = touched[Int(random.next() % UInt64(touched.count))]
        let number = [0, 1, .max, random.next() % 256, random.next()][Int(random.next() % 5)]
        damaged.store(number, at: Address(address), count: 1 + Int(random.next() % 8))
      }
      for name in names {
        let clean = try value(name)
        let value = Value(type: clean.type, location: clean.location, memory: damaged, path: name)
        let line = value.format(limits: FormatLimits(nodes: 400)).renderLine()
        #expect(line.utf8.count < 200_000, "round \(round)")
        _ = try? value.contents(limit: 50)
        _ = try? value.smartMember(named: "name")
      }
    }
  }
}

/// A small seeded generator (Steele, Lea, Flood 2014).
struct SplitMix {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
