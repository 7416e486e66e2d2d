import Binary
import Expressions
import Machine
import Symbols

/// The functions that plugin code calls: reads of typed values, names, registers.
///
/// Each is total: whatever Lua passes, the answer is a result or an error with a message.
struct HostFunctions {
  /// What is looked at now; nil while a plugin file is being loaded.
  final class Place {
    var environment: (any PluginEnvironment)?
    /// The page-table root of a space by its id, as far as it is known.
    var rootOfSpace: (String) -> PhysicalAddress? = { _ in nil }
    weak var state: LuaState?
  }

  let place: Place

  var table: [(name: String, function: LuaState.Function)] {
    limits + values + names
  }

  // MARK: Limits

  private var limits: [(name: String, function: LuaState.Function)] {
    let place = place
    return [
      (
        "charge",
        { (arguments) throws(LuaError) in
          try place.state?.charge(arguments.first?.integer ?? 0)
          return []
        }
      ),
      (
        "charge_product",
        { (arguments) throws(LuaError) in
          let (a, b) = (arguments.first?.integer ?? 0, arguments.dropFirst().first?.integer ?? 0)
          let (cost, isOverflow) = max(a, 0).multipliedReportingOverflow(by: max(b, 0))
          try place.state?.charge(isOverflow ? .max : cost)
          return []
        }
      ),
      (
        "charge_power",
        { (arguments) throws(LuaError) in
          let base = max(arguments.first?.integer ?? 0, 0)
          let exponent = arguments.dropFirst().first?.integer ?? 0
          try place.state?.charge(Self.power(base, exponent))
          return []
        }
      ),
      (
        "fail",
        { (arguments) throws(LuaError) in
          throw LuaError(arguments.first?.text ?? "failed")
        }
      ),
      (
        // What an error caught by `pcall` says of a row: without the plugin's line when the target,
        // not the plugin, is at fault.
        "reason",
        { (arguments) throws(LuaError) in
          guard let message = arguments.first?.text else { return [.string("failed")] }
          return [.string(place.state?.reason(of: message) ?? message)]
        }
      ),
      (
        "not_initialised",
        { (arguments) throws(LuaError) in
          throw LuaError(arguments.first?.text ?? "not initialised yet", kind: .notInitialised)
        }
      ),
    ]
  }

  private static func power(_ base: Int64, _ exponent: Int64) -> Int64 {
    var result: Int64 = 1
    for _ in 0..<min(max(exponent, 0), 64) {
      let (product, isOverflow) = result.multipliedReportingOverflow(by: base)
      if isOverflow { return .max }
      result = product
    }
    return result
  }

  // MARK: Typed values

  private var values: [(name: String, function: LuaState.Function)] {
    [
      ("field", Self.onValue { (v, a) throws(ValueError) in [.value(try v.field(name(a)))] }),
      ("exists", Self.onValue { (v, a) throws(ValueError) in [.bool(try v.hasField(name(a)))] }),
      ("index", Self.onValue { (v, a) throws(ValueError) in [.value(try v.entry(at: key(a)))] }),
      ("deref", Self.onValue { (v, _) throws(ValueError) in [.value(try v.target())] }),
      ("variant", Self.onValue { (v, _) throws(ValueError) in try variant(v) }),
      ("entries", Self.onValue { (v, _) throws(ValueError) in try entries(v) }),
      (
        "len",
        Self.onValue { (v, _) throws(ValueError) in [.integer(Int64(clamping: try v.length()))] }
      ),
      ("num", Self.onValue { (v, _) throws(ValueError) in [.integer(try v.number())] }),
      ("str", Self.onValue { (v, _) throws(ValueError) in [.string(try v.characters())] }),
      ("bool", Self.onValue { (v, _) throws(ValueError) in [.bool(try v.flag())] }),
      ("addr", Self.onValue { (v, _) throws(ValueError) in [v.place] }),
      ("some", Self.onValue { (v, _) throws(ValueError) in [optional(try v.some())] }),
      ("is_none", Self.onValue { (v, _) throws(ValueError) in [.bool(try v.some() == nil)] }),
      ("type", Self.onValue { (v, _) throws(ValueError) in [.string(v.type.name)] }),
      ("path", Self.onValue { (v, _) throws(ValueError) in [.string(v.path)] }),
      ("text", Self.onValue { (v, _) throws(ValueError) in [.string(v.line())] }),
    ]
  }

  private typealias OnValue = (Value, LuaValue) throws(ValueError) -> [LuaValue]

  /// A function whose first argument is a typed value.
  private static func onValue(_ body: @escaping OnValue) -> LuaState.Function {
    { (arguments) throws(LuaError) in
      guard case .value(let value)? = arguments.first else {
        throw LuaError("a typed value is expected, this is \(arguments.first?.kind ?? "nil")")
      }
      return try LuaError.wrapping { () throws(ValueError) in
        try body(value, arguments.dropFirst().first ?? .none)
      }
    }
  }
}

private func name(_ argument: LuaValue) throws(ValueError) -> String {
  if let text = argument.text { return text }
  throw ValueError(path: "", .wrongType("a field's name is expected, this is \(argument.kind)"))
}

private func key(_ argument: LuaValue) throws(ValueError) -> Int64 {
  if let number = argument.integer { return number }
  if case .value(let value) = argument { return try value.number() }
  throw ValueError(path: "", .wrongType("a number is expected, this is \(argument.kind)"))
}

private func optional(_ value: Value?) -> LuaValue { value.map(LuaValue.value) ?? .none }

private func variant(_ value: Value) throws(ValueError) -> [LuaValue] {
  let (name, payload) = try value.variant()
  return [.string(name), optional(payload)]
}

/// Key, value, key, value, ... and what is wrong with the rest.
private func entries(_ value: Value) throws(ValueError) -> [LuaValue] {
  let (pairs, problem) = try value.pairs(limit: 100_000)
  var list: [LuaValue] = []
  list.reserveCapacity(pairs.count * 2)
  for (position, pair) in pairs.enumerated() {
    list.append(pair.key.map(LuaValue.value) ?? .integer(Int64(position)))
    list.append(.value(pair.value))
  }
  return [.table(LuaTable(list: list)), problem.map(LuaValue.string) ?? .none]
}

// MARK: Names and registers

extension HostFunctions {
  private var names: [(name: String, function: LuaState.Function)] {
    let place = place
    return [
      (
        "global",
        { (arguments) throws(LuaError) in
          let path = try text(arguments.first)
          guard let value = try place.variable(path) else {
            throw LuaError("there is no static '\(path)' in the kernel's image")
          }
          return [.value(value)]
        }
      ),
      (
        "global_exists",
        { (arguments) throws(LuaError) in
          [.bool(try place.variable(text(arguments.first)) != nil)]
        }
      ),
      (
        "evaluate",
        { (arguments) throws(LuaError) in [.value(try place.evaluate(text(arguments.first)))] }
      ),
      (
        "type_exists",
        { (arguments) throws(LuaError) in [.bool(try place.type(text(arguments.first)) != nil)] }
      ),
      ("enum", { (arguments) throws(LuaError) in [try place.enumerators(text(arguments.first))] }),
      ("symbol", { (arguments) throws(LuaError) in [try place.symbol(text(arguments.first))] }),
      (
        "register",
        { (arguments) throws(LuaError) in
          let name = try text(arguments.first)
          let cpu = Int(arguments.dropFirst().first?.integer ?? 0)
          let value = try place.required().register(name, of: cpu)
          return [value.map { .integer(Int64(bitPattern: $0)) } ?? .none]
        }
      ),
      (
        "cpus",
        { (_) throws(LuaError) in
          [.table(LuaTable(list: try place.required().cpus().map { .integer(Int64($0)) }))]
        }
      ),
      ("read", { (arguments) throws(LuaError) in [try place.read(arguments)] }),
      ("describe", { (arguments) throws(LuaError) in [.string(try place.describe(arguments))] }),
    ]
  }
}

private func text(_ argument: LuaValue?) throws(LuaError) -> String {
  guard let text = argument?.text else {
    throw LuaError("a string is expected, this is \(argument?.kind ?? "nil")")
  }
  return text
}

extension HostFunctions.Place {
  fileprivate func required() throws(LuaError) -> any PluginEnvironment {
    guard let environment else { throw LuaError("there is no target while a plugin is loaded") }
    return environment
  }

  fileprivate func variable(_ path: String) throws(LuaError) -> Value? {
    let context = try required().context
    return try LuaError.wrapping { () throws(ValueError) in try context.variable(named: path) }
  }

  fileprivate func type(_ name: String) throws(LuaError) -> Type? {
    let context = try required().context
    return try LuaError.wrapping { () throws(ValueError) in try context.type(named: name) }
  }

  fileprivate func evaluate(_ text: String) throws(LuaError) -> Value {
    try Evaluation.value(of: text, in: required().context)
  }

  fileprivate func symbol(_ name: String) throws(LuaError) -> LuaValue {
    let context = try required().context
    return try LuaError.wrapping { () throws(ValueError) in
      try context.function(named: name)?.place ?? .none
    }
  }

  /// Enumerator names to numbers.
  fileprivate func enumerators(_ name: String) throws(LuaError) -> LuaValue {
    guard let type = try type(name) else { throw LuaError("there is no type '\(name)'") }
    guard case .enumeration(let enumeration) = type.kind else {
      throw LuaError("'\(name)' is not an enumeration")
    }
    var table = LuaTable()
    for enumerator in enumeration.enumerators {
      table.fields[enumerator.name] = .integer(Int64(bitPattern: enumerator.value))
    }
    return .table(table)
  }

  fileprivate func describe(_ arguments: [LuaValue]) throws(LuaError) -> String {
    let address = try address(arguments.first)
    let root = try arguments.count > 1 ? root(arguments[1]) : nil
    return try required().describe(address, root: root)
  }

  /// An unsigned number in the memory of a space: of 8 bytes unless told.
  fileprivate func read(_ arguments: [LuaValue]) throws(LuaError) -> LuaValue {
    let address = try address(arguments.first)
    let space = arguments.count > 1 ? arguments[1] : .none
    let root = try root(space)
    if root == nil, space.kind != LuaValue.none.kind {
      throw LuaError("the page table of that space is not known")
    }
    var size: Int64 = 8
    if arguments.count > 2, arguments[2].kind != LuaValue.none.kind {
      size = arguments[2].integer ?? 0
    }
    guard [1, 2, 4, 8].contains(size) else { throw LuaError("a number has 1, 2, 4 or 8 bytes") }
    let value = try required().number(at: address, byteCount: Int(size), root: root)
    return .integer(Int64(bitPattern: value))
  }

  private func address(_ argument: LuaValue?) throws(LuaError) -> Address {
    guard let address = try argument?.identifier() else {
      throw LuaError("an address is expected")
    }
    return Address(UInt64(bitPattern: address))
  }

  /// The page table of a space by its id; nil: the kernel's.
  private func root(_ space: LuaValue) throws(LuaError) -> PhysicalAddress? {
    switch space {
    case .none: nil
    case .string(let name): rootOfSpace(TargetText.string(name))
    default: try space.identifier().flatMap { rootOfSpace(String($0)) }
    }
  }
}

extension LuaValue {
  /// A whole number, or a typed value that is one; nil for anything else.
  func identifier() throws(LuaError) -> Int64? {
    guard case .value(let value) = self else { return integer }
    return try LuaError.wrapping { () throws(ValueError) in try value.number() }
  }
}
