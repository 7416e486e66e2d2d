import Expressions
import Machine

/// rustc: library/alloc/src/collections/linked_list.rs. `LinkedList { head, tail, len }` of
/// `Node { next, prev, element }`, the links `Option<NonNull<Node>>`.
struct LinkedListFormatter: ValueFormatter {
  let heads = ["alloc::collections::linked_list::LinkedList"]

  func view(of value: Value) throws(ValueError) -> ValueView? {
    let length = try value.field("len").unsigned()
    let head = try value.field("head")
    return .sequence(
      ValueSequence(claimedCount: length) { body throws(ValueError) in
        try Self.walk(value, from: head, length: length, body)
      })
  }

  private static func walk(
    _ list: Value, from head: Value, length: UInt64, _ body: (Value) -> Bool
  ) throws(ValueError) {
    var link = head
    var previous: Address?
    for index in 0..<length {
      guard let node = try target(of: link) else {
        throw list.corrupt("the length is \(length), but it ends after \(index) elements")
      }
      guard try target(of: node.field("prev"))?.address == previous else {
        throw list.corrupt("the node at \(node.address ?? Address(0)) does not point back")
      }
      guard body(try node.field("element").named("\(list.path)[\(index)]")) else { return }
      previous = node.address
      link = try node.field("next")
    }
    if try target(of: link) != nil {
      throw list.corrupt("the length is \(length), but there are more elements")
    }
  }

  /// The node of an `Option<NonNull<Node>>`.
  private static func target(of link: Value) throws(ValueError) -> Value? {
    guard let active = try link.activeVariant() else { throw link.unknown("no option") }
    return try active.payload?.field("0").dereferenced()
  }
}
