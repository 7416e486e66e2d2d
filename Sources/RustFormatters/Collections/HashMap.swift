import Expressions
import Machine
import Symbols

/// rustc: library/std/src/collections/hash/map.rs, a `HashMap { base: hashbrown::HashMap { table } }`.
struct HashMapFormatter: ValueFormatter {
  let heads = ["std::collections::hash::map::HashMap", "hashbrown::map::HashMap"]

  func view(of value: Value) throws(ValueError) -> ValueView? {
    let table = try SwissTable(of: value)
    return .map(
      ValueMap(claimedCount: table.length) { body throws(ValueError) in
        try table.walk { bucket throws(ValueError) in
          try body(bucket.field("0"), bucket.field("1"))
        }
      })
  }
}

/// rustc: library/std/src/collections/hash/set.rs, a map with `()` for values.
struct HashSetFormatter: ValueFormatter {
  let heads = ["std::collections::hash::set::HashSet", "hashbrown::set::HashSet"]

  func view(of value: Value) throws(ValueError) -> ValueView? {
    let table = try SwissTable(of: value)
    return .sequence(
      ValueSequence(claimedCount: table.length) { body throws(ValueError) in
        try table.walk { bucket throws(ValueError) in try body(bucket.field("0")) }
      })
  }
}

/// hashbrown: src/raw/mod.rs. `RawTable<T> { table: RawTableInner { bucket_mask, ctrl, growth_left,
/// items } }`. Bucket `i` is at `ctrl - (i + 1) * size_of::<T>()`; it is full if the top bit of
/// `ctrl[i]` is clear.
private struct SwissTable {
  let length: UInt64
  private let container: Value
  private let element: Type
  private let control: Address
  private let bucketCount: UInt64

  /// More buckets than any kernel has entries.
  private static let maximumBucketCount: UInt64 = 1 << 24

  init(of container: Value) throws(ValueError) {
    self.container = container
    let table = try Self.table(in: container)
    element = try table.argument("T")
    let inner = try table.field("table")
    length = try inner.field("items").unsigned()
    control = Address(try inner.field("ctrl").unsigned())
    let mask = try inner.field("bucket_mask").unsigned()
    guard mask < Self.maximumBucketCount, mask & (mask + 1) == 0, length <= mask else {
      // The empty table has one bucket, which is never full.
      guard mask == 0, length == 0 else {
        throw container.corrupt("\(length) items with the bucket mask \(mask)")
      }
      bucketCount = 0
      return
    }
    bucketCount = mask + 1
  }

  /// The `RawTable` inside of `HashMap { base: HashMap { table } }`, `HashSet { base: HashSet { map } }`.
  private static func table(in container: Value) throws(ValueError) -> Value {
    var value = container
    for _ in 0..<6 {
      if value.type.head == "hashbrown::raw::RawTable" { return value }
      var next: Value?
      for name in ["base", "map", "table"] where next == nil {
        next = try value.memberIfPresent(named: name)
      }
      guard let next else { break }
      value = next
    }
    throw container.unknown("no table in `\(container.type.shortName)`")
  }

  func walk(_ body: (Value) throws(ValueError) -> Bool) throws(ValueError) {
    guard let size = element.byteCount else {
      throw container.unknown("the size of `\(element.shortName)` is not known")
    }
    var found: UInt64 = 0
    for first in stride(from: 0, to: bucketCount, by: 4096) {
      let count = Int(min(4096, bucketCount - first))
      for (index, byte) in try states(from: first, count: count).enumerated() where byte & 0x80 == 0
      {
        let place = first + UInt64(index)
        found += 1
        guard found <= length else { break }
        let address = Address(control.rawValue &- (place + 1) &* size)
        let bucket = Value(
          type: element, location: .memory(address), memory: container.memory, path: container.path)
        guard try body(bucket) else { return }
      }
    }
    guard found == length else {
      throw container.corrupt("it says it has \(length) items, but \(found) buckets are full")
    }
  }

  private func states(from first: UInt64, count: Int) throws(ValueError) -> [UInt8] {
    do throws(MemoryError) {
      return try container.memory.read(control + first, count: count)
    } catch {
      throw ValueError(path: container.path, .memory(error))
    }
  }
}
