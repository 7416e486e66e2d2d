import Expressions
import KernelModel

/// Makes objects of the model out of the rows that a plugin gives.
struct RowReader {
  let kind: ObjectKind
  private let fields = FieldReader()

  init(kind: ObjectKind) { self.kind = kind }

  func objects(_ result: LuaValue) throws(LuaError) -> [KernelObject] {
    guard let rows = result.table?.list, result.table?.fields.isEmpty == true else {
      throw LuaError("'\(functionName)' must return a list of rows, not a \(result.kind)")
    }
    var objects: [KernelObject] = []
    var ids: Set<String> = []
    for (position, row) in rows.enumerated() {
      var object = object(row, position: position)
      if !ids.insert(object.id).inserted, object.problem == nil {
        object.problem = "there is another \(kind.rawValue) with this id"
      }
      objects.append(object)
    }
    return objects.sorted { Self.isBefore($0.id, $1.id) }
  }

  /// The plugin's function for this kind.
  var functionName: String {
    switch kind {
    case .capability: "capabilities"
    case .recovery: "recovery"
    default: kind.rawValue + "s"
    }
  }

  private func object(_ row: LuaValue, position: Int) -> KernelObject {
    guard let table = row.table else {
      return KernelObject(
        kind: kind, id: "#\(position + 1)", problem: "the plugin gave a \(row.kind) as a row")
    }
    var object = KernelObject(kind: kind, id: "", problem: table["problem"].text)
    var unknown: [String] = []
    for (name, value) in table.fields where name != "id" && name != "problem" {
      if let description = kind.field(name) {
        object.fields[name] = fields.field(value, as: description.form)
      } else if !name.hasPrefix("__") {
        unknown.append(name)
      }
    }
    if let name = unknown.min(), object.problem == nil {
      object.problem = "the plugin's field '\(name)' is none of a \(kind.rawValue)"
    }
    let id = id(of: table, object)
    if id == nil, object.problem == nil { object.problem = "the plugin gave a row without an id" }
    return KernelObject(
      kind: kind, id: id ?? "#\(position + 1)", fields: object.fields, problem: object.problem)
  }

  /// The id that the row says, or its place in what it belongs to, or the key of its container.
  private func id(of table: LuaTable, _ object: KernelObject) -> String? {
    if let id = fields.field(table["id"], as: .text)?.value.idText { return id }
    switch kind {
    case .capability: if let id = pair("domain", "slot", of: object) { return id }
    case .message: if let id = pair("endpoint", "position", of: object) { return id }
    default: break
    }
    return fields.field(table["__key"], as: .text)?.value.idText
  }

  private func pair(_ first: String, _ second: String, of object: KernelObject) -> String? {
    guard let first = object.fields[first]?.value.idText,
      let second = object.fields[second]?.value.idText
    else { return nil }
    return "\(first):\(second)"
  }

  /// Numbers by value, part by part: `3:2` before `3:10`.
  static func isBefore(_ a: String, _ b: String) -> Bool {
    let (left, right) = (a.split(separator: ":"), b.split(separator: ":"))
    for (a, b) in zip(left, right) where a != b {
      if let a = UInt64(a), let b = UInt64(b) { return a < b }
      return (UInt64(a) != nil) == (UInt64(b) != nil) ? a < b : UInt64(a) != nil
    }
    return left.count < right.count
  }
}

extension FieldValue {
  /// As part of an id.
  var idText: String? {
    switch self {
    case .number(let number), .hex(let number), .address(let number), .duration(let number):
      String(number)
    case .text(let text): text
    case .reference(let reference): reference.id
    case .none, .list: nil
    }
  }
}
