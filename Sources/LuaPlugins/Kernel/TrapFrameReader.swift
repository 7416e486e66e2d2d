import Debugger
import Expressions
import Machine
import Symbols

/// Turns a plugin's `trap_frame` into offsets, by the frame's type:
/// `{ type = "a::TrapFrame", entries = { "vectors" }, registers = { x = "x", pc = "pc" } }`.
struct TrapFrameReader {
  let plugin: Plugin
  let context: any EvaluationContext

  /// nil: not declared, or the type is not there.
  func layout() throws -> TrapFrameLayout? {
    guard let frame = plugin.table["trap_frame"].table, let name = frame["type"].text,
      let type = try context.type(named: name), let byteCount = type.byteCount,
      case .structure(let composite) = type.kind
    else { return nil }
    var offsets: [String: UInt64] = [:]
    for (register, field) in plugin.trapFrameRegisters {
      guard let member = composite.members.first(where: { $0.name == field }) else { return nil }
      let type = try member.type.resolve()
      if case .array(let element, let counts) = type.kind, let count = counts.first ?? nil {
        guard let size = try element.resolve().byteCount, count <= 64 else { return nil }
        for index in 0..<count { offsets["\(register)\(index)"] = member.offset &+ index &* size }
      } else {
        offsets[register] = member.offset
      }
    }
    let entries = frame["entries"].table?.list.compactMap(\.text) ?? []
    let switches = frame["switches"].table?.list.compactMap(\.text) ?? []
    return TrapFrameLayout(
      entrySymbols: entries, offsets: offsets, byteCount: byteCount, switchFunctions: switches)
  }
}
