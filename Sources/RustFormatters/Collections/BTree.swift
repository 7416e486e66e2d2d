import Expressions
import Machine
import Symbols

/// Walks the nodes of a `BTreeMap` (rustc: library/alloc/src/collections/btree/node.rs):
///
///     LeafNode { parent: Option<NonNull<InternalNode>>, parent_idx, len, keys: [K; 11], vals: [V; 11] }
///     InternalNode { data: LeafNode, edges: [NonNull<LeafNode>; 12] }
///
/// Every node is checked: its length, its link to the parent, its level. Each node but the root has
/// a key, and no more keys than `length` are taken, so that a cycle ends.
struct BTree {
  let length: UInt64
  private let map: Value
  private let root: Value?
  private let height: UInt64

  /// 12^32 entries are more than there are addresses.
  private static let maximumHeight: UInt64 = 32

  init(of map: Value) throws(ValueError) {
    self.map = map
    length = try map.field("length").unsigned()
    guard let active = try map.field("root").activeVariant() else {
      throw map.unknown("`root` is no option")
    }
    guard let reference = try active.payload?.field("0") else {
      root = nil
      height = 0
      guard length == 0 else { throw map.corrupt("length \(length), but no root") }
      return
    }
    root = try reference.field("node").dereferenced()
    height = try reference.field("height").unsigned()
    guard height <= Self.maximumHeight else { throw map.corrupt("height \(height)") }
  }

  func walk(_ body: (_ key: Value, _ value: Value) -> Bool) throws(ValueError) {
    var walked: UInt64 = 0
    guard let root else { return }
    let isComplete = try visit(Place(node: root, level: height), walked: &walked, body)
    guard !isComplete || walked == length else {
      throw map.corrupt("the length is \(length), but there are \(walked) entries")
    }
  }

  /// Goes down the tree by the order of the keys, one node a level; nil: not found, or the keys have
  /// another order than their numbers.
  func value(forKey number: Int128) throws(ValueError) -> Value? {
    guard let root else { return nil }
    var place = Place(node: root, level: height)
    while true {
      let node = try opened(place)
      let count = try checkedLength(of: node.leaf, place: place)
      let keys = try node.leaf.field("keys")
      var index: UInt64 = 0
      while index < count {
        guard let key = try? keys.element(index).initialised().integer() else { return nil }
        if key == number {
          return try node.leaf.field("vals").element(index).initialised()
            .named("\(map.path)[\(number)]")
        }
        guard key < number else { break }
        index += 1
      }
      guard let edges = node.edges else { return nil }
      place = try child(index, in: edges, of: node)
    }
  }

  private func child(
    _ index: UInt64, in edges: Value, of node: OpenedNode
  ) throws(ValueError) -> Place {
    Place(
      node: try edges.element(index).initialised().dereferenced(), level: node.place.level - 1,
      parent: node.leaf.address, index: index)
  }

  private struct Place {
    /// A `LeafNode`, perhaps the `data` of an `InternalNode`.
    let node: Value
    let level: UInt64
    var parent: Address?
    var index: UInt64 = 0
  }

  /// Returns false when the body wants no more.
  private func visit(
    _ place: Place, walked: inout UInt64, _ body: (Value, Value) -> Bool
  ) throws(ValueError) -> Bool {
    let place = try opened(place)
    let leaf = place.leaf
    let count = try checkedLength(of: leaf, place: place.place)
    let keys = try leaf.field("keys")
    let values = try leaf.field("vals")
    for index in 0...count {
      if let edges = place.edges {
        let child = try child(index, in: edges, of: place)
        guard try visit(child, walked: &walked, body) else { return false }
      }
      guard index < count else { break }
      guard walked < length else {
        throw map.corrupt("the length is \(length), but there are more entries")
      }
      walked += 1
      let key = try keys.element(index).initialised()
      let value = try values.element(index).initialised()
      guard body(key.named(keyPath(key, isKey: true)), value.named(keyPath(key, isKey: false)))
      else { return false }
    }
    return true
  }

  private struct OpenedNode {
    let place: Place
    let leaf: Value
    let edges: Value?
  }

  /// The node as what its level says it is.
  private func opened(_ place: Place) throws(ValueError) -> OpenedNode {
    guard place.level > 0 else { return OpenedNode(place: place, leaf: place.node, edges: nil) }
    let node = try place.node.cast(to: internalNodeType(of: place.node))
    return OpenedNode(
      place: place, leaf: try node.field("data").named(map.path), edges: try node.field("edges"))
  }

  private func checkedLength(of leaf: Value, place: Place) throws(ValueError) -> UInt64 {
    let name = "the node at \(leaf.address ?? Address(0))"
    let count = try leaf.field("len").unsigned()
    guard case .array(_, let counts) = try leaf.field("keys").bareType().kind,
      let capacity = counts.first ?? nil
    else { throw map.unknown("`keys` is no array") }
    guard count <= capacity, count > 0 || place.parent == nil else {
      throw map.corrupt("\(name) says it has \(count) of \(capacity) keys")
    }
    let parent = try leaf.field("parent").activeVariant()?.payload?.field("0").unsigned()
    guard parent == place.parent?.rawValue else {
      throw map.corrupt("\(name) has the wrong parent \((parent ?? 0).hex(width: 16))")
    }
    guard place.parent != nil else { return count }
    guard try leaf.field("parent_idx").initialised().unsigned() == place.index else {
      throw map.corrupt("\(name) is not where its parent has it")
    }
    return count
  }

  /// Only the link to the parent names this type; not every unit that has the map describes it.
  private func internalNodeType(of leaf: Value) throws(ValueError) -> Type {
    guard let variants = try leaf.field("parent").composite()?.variants?.variants else {
      throw map.unknown("`parent` is no option")
    }
    for variant in variants {
      let payload = Value(
        type: try leaf.resolved(variant.member.type),
        location: .unavailable("only its type counts"),
        memory: leaf.memory, path: map.path)
      guard let pointer = try payload.memberIfPresent(named: "0") else { continue }
      if let type = try pointer.pointeeType(), try isInternalNode(type) { return type }
    }
    return try internalNodeTypeByName(of: leaf, source: variants.first?.member.type.source)
  }

  private func internalNodeTypeByName(
    of leaf: Value, source: (any TypeSource)?
  ) throws(ValueError) -> Type {
    let name = leaf.type.qualifiedName.split(separator: "LeafNode", maxSplits: 1)
      .joined(separator: "InternalNode")
    do throws(SymbolError) {
      if let type = try source?.type(named: name) { return type }
    } catch {
      throw ValueError(path: map.path, .symbols(error))
    }
    throw map.unknown("`\(TypeName.short(name))` is not described")
  }

  private func isInternalNode(_ type: Type) throws(ValueError) -> Bool {
    guard case .structure(let composite) = type.kind else { return false }
    let names = composite.members.map(\.name)
    return names.contains("data") && names.contains("edges")
  }

  private func keyPath(_ key: Value, isKey: Bool) -> String {
    guard let number = try? key.integer() else {
      return map.path + (isKey ? "{key}" : "{value}")
    }
    return isKey ? "\(map.path){key \(number)}" : "\(map.path)[\(number)]"
  }
}
