import Expressions
import KernelModel
import Machine

/// Makes a thread's context out of what a plugin's `context` gives:
/// `{ cpu = 1 }`, `{ frame = trap_frame, space = "2" }`, `{ registers = { pc = ..., sp = ... } }`
/// or `{ unavailable = "reason" }`.
struct ContextReader {
  /// Register (or `x` for `x0`...) to field of the kernel's trap frame.
  let registers: [String: String]

  func context(_ result: LuaValue) throws(LuaError) -> ThreadContext {
    guard let table = result.table else {
      throw LuaError("'context' must return a table, not a \(result.kind)")
    }
    if let reason = table["unavailable"].text { return .unavailable(reason) }
    if let cpu = try table["cpu"].identifier(), let id = Int(exactly: cpu) { return .onCPU(id) }
    let space = FieldReader().field(table["space"], as: .text)?.value.idText
    var values: [String: UInt64] = [:]
    if case .value(let frame) = table["frame"] { values = try self.values(of: frame) }
    for (name, value) in table["registers"].table?.fields ?? [:] {
      guard let number = try value.identifier() else {
        throw LuaError("register '\(name)' is not a number")
      }
      values[name] = UInt64(bitPattern: number)
    }
    guard values["pc"] != nil else { throw LuaError("'context' gives no program counter") }
    return .saved(SavedContext(registers: RegisterValues(values), space: space))
  }

  private func values(of frame: Value) throws(LuaError) -> [String: UInt64] {
    try LuaError.wrapping { () throws(ValueError) in
      var values: [String: UInt64] = [:]
      for (register, name) in registers {
        let field = try frame.field(name)
        guard let elements = try field.arrayElements() else {
          values[register] = UInt64(bitPattern: try field.number())
          continue
        }
        for (index, element) in elements.enumerated() {
          values["\(register)\(index)"] = UInt64(bitPattern: try element.number())
        }
      }
      return values
    }
  }
}

extension Plugin {
  /// `trap_frame.registers`: register to field.
  var trapFrameRegisters: [String: String] {
    let fields = table["trap_frame"].table?["registers"].table?.fields ?? [:]
    return fields.compactMapValues(\.text)
  }
}
