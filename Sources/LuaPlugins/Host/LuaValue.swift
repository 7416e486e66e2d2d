import Expressions

/// What goes between Lua and Swift; tables are copied.
enum LuaValue {
  case none
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  /// Bytes: Lua's strings are.
  case string([UInt8])
  case table(LuaTable)
  /// A typed value of the target.
  case value(Value)
  /// A function, which stays in Lua.
  case function

  static func string(_ text: String) -> LuaValue { .string(Array(text.utf8)) }

  /// What it is called in messages.
  var kind: String {
    switch self {
    case .none: "nil"
    case .bool: "boolean"
    case .integer, .number: "number"
    case .string: "string"
    case .table: "table"
    case .value: "value"
    case .function: "function"
    }
  }

  var text: String? {
    if case .string(let bytes) = self { TargetText.string(bytes) } else { nil }
  }

  var table: LuaTable? {
    if case .table(let table) = self { table } else { nil }
  }

  var isFunction: Bool {
    if case .function = self { true } else { false }
  }

  var isNone: Bool {
    if case .none = self { true } else { false }
  }

  /// A whole number.
  var integer: Int64? {
    switch self {
    case .integer(let number): number
    case .number(let number): Int64(exactly: number)
    default: nil
    }
  }
}

/// A Lua table by its two uses: a list from 1, and fields with names. Other keys are dropped.
struct LuaTable {
  var list: [LuaValue] = []
  var fields: [String: LuaValue] = [:]

  subscript(_ name: String) -> LuaValue { fields[name] ?? .none }
}

/// Text of the target as a string that shows every byte.
enum TargetText {
  /// UTF-8 where it is valid; other bytes as `\xNN`.
  static func string(_ bytes: some Collection<UInt8>) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = ""
    var rest = Array(bytes)[...]
    while let byte = rest.first {
      let length = sequenceLength(byte)
      if length <= rest.count,
        let scalar = String(validating: rest.prefix(length), as: UTF8.self)
      {
        text += scalar
        rest = rest.dropFirst(length)
      } else {
        text += #"\x"# + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        rest = rest.dropFirst()
      }
    }
    return text
  }

  private static func sequenceLength(_ byte: UInt8) -> Int {
    switch byte {
    case 0xc2...0xdf: 2
    case 0xe0...0xef: 3
    case 0xf0...0xf4: 4
    default: 1
    }
  }
}
