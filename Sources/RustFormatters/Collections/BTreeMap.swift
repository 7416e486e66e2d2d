import Expressions
import Machine
import Symbols

/// rustc: library/alloc/src/collections/btree/map.rs.
/// `BTreeMap { root: Option<NodeRef { node, height }>, length }`.
struct BTreeMapFormatter: ValueFormatter {
  let heads = ["alloc::collections::btree::map::BTreeMap"]

  func view(of value: Value) throws(ValueError) -> ValueView? {
    let tree = try BTree(of: value)
    return .map(
      ValueMap(
        claimedCount: tree.length,
        lookup: { number throws(ValueError) in try tree.value(forKey: number) },
        walk: { body throws(ValueError) in try tree.walk(body) }))
  }
}

/// rustc: library/alloc/src/collections/btree/set.rs. `BTreeSet { map: BTreeMap<T, SetValZST> }`.
struct BTreeSetFormatter: ValueFormatter {
  let heads = ["alloc::collections::btree::set::BTreeSet"]

  func view(of value: Value) throws(ValueError) -> ValueView? {
    let map = try value.field("map")
    // Before 1.66 the values were `()`, in a map of the same shape.
    let tree = try BTree(of: map)
    return .sequence(
      ValueSequence(claimedCount: tree.length) { body throws(ValueError) in
        var index = 0
        try tree.walk { key, _ in
          index += 1
          return body(key.named("\(value.path)[\(index - 1)]"))
        }
      })
  }
}
