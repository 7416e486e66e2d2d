import CLua
import Expressions
import Machine

/// A sandboxed Lua 5.4 interpreter with functions of the host.
///
/// Everything unsafe about Lua is in this file. Lua errors are `longjmp`s: they happen only below
/// `kscope_call` and never cross a Swift frame, because the functions that Lua calls (`dispatch`) use
/// nothing of Lua's API that can raise, and while Swift runs no allocation fails.
@safe
final class LuaState {
  /// What Lua code can call: gets copies of the arguments, gives results or the error to raise.
  typealias Function = (_ arguments: [LuaValue]) throws(LuaError) -> [LuaValue]

  let limits: LuaLimits
  private let state: OpaquePointer
  private let record: UnsafeMutablePointer<kscope_limits>
  private var functions: [Function] = []
  /// Typed values that Lua holds handles of; `generation` tells handles of earlier calls.
  private var values: [Value] = []
  private var generation: UInt32 = 0
  private(set) var isRunning = false
  /// The last error of a host function: its kind is lost on the way through Lua.
  private var raised: LuaError?

  private let isInterrupted: () -> Bool

  /// nil: out of memory.
  init?(
    limits: LuaLimits = LuaLimits(),
    isInterrupted: @escaping () -> Bool = { Interrupt.shared.isRequested }
  ) {
    self.limits = limits
    self.isInterrupted = isInterrupted
    // SAFETY: one record, freed in `deinit` after the state that uses it.
    let record = UnsafeMutablePointer<kscope_limits>.allocate(capacity: 1)
    unsafe record.initialize(to: kscope_limits())
    unsafe record.pointee.limit = limits.memory
    unsafe record.pointee.budget = .max
    // SAFETY: the context is the LuaState that owns the Lua state, alive as long as that is.
    unsafe record.pointee.interrupted = { context in
      guard let context = unsafe context else { return 0 }
      return unsafe Unmanaged<LuaState>.fromOpaque(context).takeUnretainedValue()
        .isInterrupted() ? 1 : 0
    }
    unsafe record.pointee.dispatch = { _, context, function in
      guard let context = unsafe context else { return 0 }
      return unsafe Unmanaged<LuaState>.fromOpaque(context).takeUnretainedValue()
        .dispatch(Int(function))
    }
    // SAFETY: a new state; it is closed in `deinit`.
    guard let state = unsafe kscope_new_state(record) else {
      unsafe record.deallocate()
      return nil
    }
    unsafe self.record = unsafe record
    unsafe self.state = unsafe state
    unsafe record.pointee.context = Unmanaged.passUnretained(self).toOpaque()
  }

  deinit {
    // SAFETY: nobody else has either; no finaliser can run Lua code (`setmetatable` refuses `__gc`).
    unsafe lua_close(state)
    unsafe record.deallocate()
  }

  // MARK: Running code

  /// Bytes that Lua uses now.
  var usedMemory: Int { unsafe record.pointee.used }

  /// Compiles source text (never byte code) and runs it; what it returns first goes to
  /// the registry under `key` and is given back as a copy.
  /// `registered` are keys of tables in the registry, passed as its arguments (`...`).
  func run(
    _ source: [UInt8], name: String, registered: [String] = [], keepAs key: String
  ) throws(LuaError) -> LuaValue {
    // SAFETY: the source is passed with its length, and copied by Lua.
    let status = unsafe source.withUnsafeBytes { text in
      unsafe kscope_load(state, text.baseAddress, text.count, name)
    }
    guard status == LUA_OK else { throw takeError(status) }
    for key in registered { unsafe lua_getfield(state, kscope_registry(), key) }
    try call([], pushed: Int32(registered.count))
    // SAFETY: one result is on the stack; `lua_setfield` on the registry (a table) may only fail for
    // want of memory, which is not refused here.
    unsafe lua_pushvalue(state, -1)
    unsafe lua_setfield(state, kscope_registry(), key)
    return try takeResult()
  }

  /// Calls the function `name` of the table kept under `key`; `object` (another key) goes first.
  func call(
    _ name: String, of key: String, object: String, arguments: [LuaValue] = []
  ) throws(LuaError) -> LuaValue {
    // SAFETY: raw accesses that cannot raise; types are checked; the stack is popped by `call`.
    guard unsafe lua_checkstack(state, 8) != 0 else { throw LuaError("Lua stack overflow") }
    unsafe lua_getfield(state, kscope_registry(), key)
    guard unsafe lua_type(state, -1) == LUA_TTABLE else {
      unsafe kscope_pop(state, 1)
      throw LuaError("the plugin is not loaded")
    }
    unsafe lua_pushstring(state, name)
    unsafe lua_rawget(state, -2)
    unsafe lua_rotate(state, -2, 1)
    unsafe kscope_pop(state, 1)
    guard unsafe lua_type(state, -1) == LUA_TFUNCTION else {
      unsafe kscope_pop(state, 1)
      throw LuaError("the plugin has no function '\(name)'")
    }
    unsafe lua_getfield(state, kscope_registry(), object)
    try call(arguments, pushed: 1)
    return try takeResult()
  }

  /// A table of host functions for code to be run with `run`, kept in the registry under `key`.
  func register(_ table: [(name: String, function: Function)], keepAs key: String) {
    // SAFETY: as in `run`; the function's index is all that C knows of it.
    unsafe lua_createtable(state, 0, Int32(table.count))
    for entry in table {
      unsafe kscope_push_function(state, Int32(functions.count))
      unsafe lua_setfield(state, -2, entry.name)
      functions.append(entry.function)
    }
    unsafe lua_setfield(state, kscope_registry(), key)
  }

  /// The message of the last host error without `file:line: `, when the target was at fault.
  func reason(of message: String) -> String {
    guard let raised, raised.kind == .target, message.hasSuffix(raised.message) else {
      return message
    }
    return raised.message
  }

  /// Takes from the budget of the running call what a library function may cost.
  func charge(_ cost: Int64) throws(LuaError) {
    let (rest, isOverflow) = unsafe record.pointee.budget.subtractingReportingOverflow(max(0, cost))
    guard !isOverflow, rest > 0 else {
      throw LuaError("too expensive: it would run for too long", kind: .limit)
    }
    unsafe record.pointee.budget = rest
  }

  /// Expects the function and `pushed` arguments on the stack.
  private func call(_ arguments: [LuaValue], pushed: Int32 = 0) throws(LuaError) {
    guard !isRunning else {
      unsafe kscope_pop(state, pushed + 1)
      throw LuaError("the plugin is running already")
    }
    generation &+= 1
    values.removeAll(keepingCapacity: true)
    raised = nil
    for argument in arguments { push(argument) }
    isRunning = true
    // SAFETY: the function and its arguments are on the stack; an error is a status here.
    let status = unsafe kscope_call(
      state, pushed + Int32(arguments.count), 1, limits.instructions)
    isRunning = false
    if status != LUA_OK { throw takeError(status) }
  }

  // MARK: Results and errors

  private func takeResult() throws(LuaError) -> LuaValue {
    defer { unsafe kscope_pop(state, 1) }
    var budget = limits.entries
    return try value(at: -1, depth: 0, budget: &budget)
  }

  /// Pops the message of a failed call.
  private func takeError(_ status: Int32) -> LuaError {
    let message = bytes(at: -1).map(TargetText.string) ?? "an error that is not a string"
    unsafe kscope_pop(state, 1)
    if status == LUA_ERRMEM { return LuaError(place + "not enough memory", kind: .limit) }
    switch unsafe Int(record.pointee.stopped) {
    case Int(KSCOPE_INTERRUPTED): return LuaError(message, kind: .interrupted)
    case Int(KSCOPE_BUDGET_SPENT): return LuaError(message, kind: .limit)
    default: break
    }
    if let raised, message.hasSuffix(raised.message) {
      return raised.kind == .notInitialised ? raised : LuaError(message, kind: raised.kind)
    }
    return LuaError(message)
  }

  /// `file:line: ` where memory was refused last.
  private var place: String {
    // SAFETY: the array is copied; it is terminated by snprintf.
    unsafe withUnsafeBytes(of: record.pointee.refused_at) { buffer in
      unsafe String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  // MARK: Host functions

  /// Called by C, by Lua code: nothing here may raise. Negative: the message on top is to be raised.
  private func dispatch(_ function: Int) -> Int32 {
    do throws(LuaError) {
      guard functions.indices.contains(function), unsafe lua_checkstack(state, 64) != 0 else {
        throw LuaError("Lua stack overflow")
      }
      let results = try functions[function](arguments())
      guard values.count < limits.values else {
        throw LuaError("too many typed values", kind: .limit)
      }
      for result in results { push(result) }
      return Int32(results.count)
    } catch {
      _ = unsafe lua_checkstack(state, 8)
      raised = error
      push(.string(error.message))
      return -1
    }
  }

  private func arguments() throws(LuaError) -> [LuaValue] {
    let count = unsafe lua_gettop(state)
    guard count <= 16 else { throw LuaError("too many arguments") }
    var result: [LuaValue] = []
    var budget = 1000
    for index in 0..<count {
      result.append(try value(at: index + 1, depth: 1, budget: &budget))
    }
    return result
  }

  // MARK: Conversions

  private func push(_ value: LuaValue) {
    // SAFETY: the stack was checked for what callers push; pushes copy their argument.
    guard unsafe lua_checkstack(state, 8) != 0 else { return }
    switch value {
    case .none, .function: unsafe lua_pushnil(state)
    case .bool(let flag): unsafe lua_pushboolean(state, flag ? 1 : 0)
    case .integer(let number): unsafe lua_pushinteger(state, number)
    case .number(let number): unsafe lua_pushnumber(state, number)
    case .string(let bytes): push(bytes)
    case .table(let table): push(table)
    case .value(let value):
      let handle = UInt64(generation) << 32 | UInt64(values.count)
      values.append(value)
      unsafe kscope_push_value(state, handle)
    }
  }

  private func push(_ bytes: [UInt8]) {
    unsafe bytes.withUnsafeBytes { buffer in
      // SAFETY: Lua copies the bytes.
      _ = unsafe lua_pushlstring(
        state, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
    }
  }

  private func push(_ table: LuaTable) {
    // SAFETY: as in `push(_:)`; raw stores into a table just made.
    unsafe lua_createtable(
      state, Int32(clamping: table.list.count), Int32(clamping: table.fields.count))
    for (index, element) in table.list.enumerated() {
      push(element)
      unsafe lua_rawseti(state, -2, Int64(index + 1))
    }
    for (name, element) in table.fields {
      push(Array(name.utf8))
      push(element)
      unsafe lua_rawset(state, -3)
    }
  }

  private func value(
    at index: Int32, depth: Int, budget: inout Int
  ) throws(LuaError) -> LuaValue {
    // SAFETY: `index` is on the stack; the conversions used fit the type that was found.
    switch unsafe lua_type(state, index) {
    case LUA_TNIL, LUA_TNONE: return .none
    case LUA_TBOOLEAN: return .bool(unsafe lua_toboolean(state, index) != 0)
    case LUA_TNUMBER:
      if unsafe lua_isinteger(state, index) != 0 {
        return .integer(unsafe lua_tointegerx(state, index, nil))
      }
      return .number(unsafe lua_tonumberx(state, index, nil))
    case LUA_TSTRING: return .string(bytes(at: index) ?? [])
    case LUA_TTABLE: return .table(try table(at: index, depth: depth, budget: &budget))
    case LUA_TUSERDATA: return .value(try typedValue(at: index))
    default: return .function
    }
  }

  private func bytes(at index: Int32) -> [UInt8]? {
    // SAFETY: only strings are asked for (numbers would be converted in place); copied at once.
    guard unsafe lua_type(state, index) == LUA_TSTRING else { return nil }
    var count = 0
    guard let start = unsafe lua_tolstring(state, index, &count) else { return nil }
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
  }

  private func typedValue(at index: Int32) throws(LuaError) -> Value {
    var handle: UInt64 = 0
    // SAFETY: checked to be a typed value, whose block has eight bytes.
    guard unsafe kscope_get_value(state, index, &handle) != 0 else {
      throw LuaError("not a typed value")
    }
    let place = Int(handle & 0xffff_ffff)
    guard handle >> 32 == UInt64(generation), values.indices.contains(place) else {
      throw LuaError("the value belongs to an earlier call: values cannot be kept")
    }
    return values[place]
  }

  private func table(
    at index: Int32, depth: Int, budget: inout Int
  ) throws(LuaError) -> LuaTable {
    guard depth < limits.depth, unsafe lua_checkstack(state, 8) != 0 else {
      throw LuaError("tables are nested too deeply")
    }
    // SAFETY: raw traversal of a table that nobody changes meanwhile; keys are never converted.
    let index = unsafe lua_absindex(state, index)
    let top = unsafe lua_gettop(state)
    defer { unsafe lua_settop(state, top) }
    var table = LuaTable()
    let count = unsafe lua_rawlen(state, index)
    for position in 0..<Int64(clamping: count) {
      try spend(&budget)
      unsafe lua_rawgeti(state, index, position + 1)
      table.list.append(try value(at: -1, depth: depth + 1, budget: &budget))
      unsafe kscope_pop(state, 1)
    }
    unsafe lua_pushnil(state)
    while unsafe lua_next(state, index) != 0 {
      try spend(&budget)
      if let name = bytes(at: -2).map(TargetText.string) {
        table.fields[name] = try value(at: -1, depth: depth + 1, budget: &budget)
      }
      unsafe kscope_pop(state, 1)
    }
    return table
  }

  private func spend(_ budget: inout Int) throws(LuaError) {
    budget -= 1
    guard budget > 0 else { throw LuaError("the plugin gives too much at once", kind: .limit) }
  }
}
