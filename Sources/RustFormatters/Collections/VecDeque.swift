import Expressions
import Machine

/// rustc: library/alloc/src/collections/vec_deque/mod.rs. `VecDeque { head, len, buf: RawVec }`:
/// a ring whose first element is at place `head`.
struct VecDequeFormatter: ValueFormatter {
  let heads = ["alloc::collections::vec_deque::VecDeque"]

  func view(of value: Value) throws(ValueError) -> ValueView? {
    let storage = try RawVec(of: value)
    let head = try value.field("head").unsigned()
    let length = try value.field("len").unsigned()
    try storage.check(length: length, of: value)
    guard let capacity = storage.capacity else {
      return .sequence(
        .contiguous(
          storage.element, at: storage.base, count: length, memory: value.memory, path: value.path))
    }
    guard head < capacity || (head == 0 && capacity == 0) else {
      throw value.corrupt("head \(head) is outside of the capacity \(capacity)")
    }
    return .sequence(
      .ring(
        storage.element, at: storage.base, head: head, count: length, capacity: capacity,
        memory: value.memory, path: value.path))
  }
}
