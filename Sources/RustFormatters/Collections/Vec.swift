import Expressions
import Machine
import Symbols

/// rustc: library/alloc/src/vec/mod.rs. `Vec { buf: RawVec { inner: RawVecInner { ptr, cap } }, len }`.
struct VecFormatter: ValueFormatter {
  let heads = ["alloc::vec::Vec"]

  func view(of value: Value) throws(ValueError) -> ValueView? {
    let storage = try RawVec(of: value)
    let length = try value.field("len").unsigned()
    try storage.check(length: length, of: value)
    return .sequence(
      .contiguous(
        storage.element, at: storage.base, count: length, memory: value.memory, path: value.path))
  }
}

/// The storage of `Vec` and `VecDeque` (rustc: library/alloc/src/raw_vec/mod.rs).
struct RawVec {
  let element: Type
  let base: Address
  /// nil: elements without a size need no storage.
  let capacity: UInt64?

  init(of container: Value) throws(ValueError) {
    let buffer = try container.field("buf")
    // `inner` since 1.84; before, `ptr` and `cap` stood in `RawVec` itself.
    let inner = try buffer.memberIfPresent(named: "inner") ?? buffer
    element = try container.argument("T")
    guard let size = element.byteCount else {
      throw container.unknown("the size of `\(element.shortName)` is not known")
    }
    base = Address(try inner.field("ptr").unsigned())
    capacity = size == 0 ? nil : try inner.field("cap").unsigned()
    guard size == 0 || capacity ?? 0 <= UInt64(Int64.max) / size else {
      throw container.corrupt("capacity \(capacity ?? 0) exceeds all memory")
    }
  }

  func check(length: UInt64, of container: Value) throws(ValueError) {
    guard let capacity, length > capacity else { return }
    throw container.corrupt("length \(length) exceeds the capacity \(capacity)")
  }
}
