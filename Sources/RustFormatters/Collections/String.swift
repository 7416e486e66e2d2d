import Expressions
import Machine

/// rustc: library/alloc/src/string.rs. `String { vec: Vec<u8> }`.
struct StringFormatter: ValueFormatter {
  let heads = ["alloc::string::String"]

  func view(of value: Value) throws(ValueError) -> ValueView? {
    let vec = try value.field("vec")
    let storage = try RawVec(of: vec)
    let length = try vec.field("len").unsigned()
    try storage.check(length: length, of: value)
    return .string(
      TargetString(
        address: storage.base, byteCount: length, memory: value.memory, path: value.path))
  }
}
