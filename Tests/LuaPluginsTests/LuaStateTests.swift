import Testing

@testable import LuaPlugins

/// A plugin whose one function `f` has this body.
private func function(
  _ body: String, limits: LuaLimits = .small, isInterrupted: @escaping () -> Bool = { false }
) throws -> LuaState {
  let state = try #require(LuaState(limits: limits, isInterrupted: isInterrupted))
  let place = HostFunctions.Place()
  place.state = state
  state.register(HostFunctions(place: place).table, keepAs: "kscope.host")
  _ = try state.run(
    Array(Prelude.source.utf8), name: Prelude.chunkName,
    registered: ["kscope.host", "kscope.value"], keepAs: "k")
  // Never a tail call, which would take the line that messages name out of the stack.
  let body = body.replacing("return string", with: "return nil, string")
    .replacing("return table", with: "return nil, table").replacing(
      "return k:", with: "return nil, k:")
  let source = "local p = {}\nfunction p.f(k)\n\(body)\nend\nreturn p"
  _ = try state.run(Array(source.utf8), name: "@test/init.lua", keepAs: "plugin")
  return state
}

private func run(_ body: String, limits: LuaLimits = .small) throws -> LuaValue {
  try function(body, limits: limits).call("f", of: "plugin", object: "k")
}

/// The error that the body ends with.
private func failure(_ body: String, limits: LuaLimits = .small) throws -> LuaError {
  let state = try function(body, limits: limits)
  let error = #expect(throws: LuaError.self) {
    try state.call("f", of: "plugin", object: "k")
  }
  // The state survives: a new call works.
  _ = try? state.run(
    Array("return { g = function() return 7 end }".utf8), name: "@again", keepAs: "again")
  #expect(try state.call("g", of: "again", object: "k").integer == 7)
  return try #require(error)
}

extension LuaLimits {
  static var small: LuaLimits {
    var limits = LuaLimits()
    limits.memory = 16 << 20
    limits.instructions = 2_000_000
    return limits
  }
}

@Suite(.serialized) struct LuaStateTests {
  struct Runaway: CustomTestStringConvertible {
    let name: String
    let body: String
    /// Text that the message must contain.
    let message: String
    var testDescription: String { name }
  }

  static let runaways = [
    Runaway(name: "loop", body: "while true do end", message: "test/init.lua:3: stopped"),
    Runaway(
      name: "loop that swallows errors",
      body: "while true do pcall(function() while true do end end) end",
      message: "test/init.lua:3: stopped"),
    Runaway(
      name: "loop in an error handler",
      body: "local function h() while true do end end\nreturn xpcall(error, h)",
      message: "test/init.lua:3: stopped"),
    Runaway(
      name: "loop in a comparison of sort",
      body: "local t = {3, 2, 1}\ntable.sort(t, function() while true do end end)",
      message: "test/init.lua:4: stopped"),
    Runaway(
      name: "loop in __index",
      body: "local t = setmetatable({}, {__index = function() while true do end end})\nreturn t.x",
      message: "test/init.lua:3: stopped"),
    Runaway(
      name: "pattern that backtracks",
      body: #"return string.find(string.rep("a", 3000), string.rep("a*", 20) .. "b")"#,
      message: "test/init.lua:3: too expensive"),
    Runaway(
      name: "pattern by method",
      body: #"local r = (("x"):rep(100000)):match("(.-)(.-)(.-)$")"#,
      message: "test/init.lua:3: too expensive"),
    Runaway(
      name: "empty repeat", body: #"return string.rep("", 1 << 60)"#,
      message: "test/init.lua:3: too expensive"),
    Runaway(
      name: "table.move", body: "return table.move({}, 1, 1 << 60, 2)",
      message: "test/init.lua:3: too expensive"),
    Runaway(
      name: "length made up",
      body: "return table.insert(setmetatable({}, {__len = function() return 1 << 60 end}), 1, 1)",
      message: "test/init.lua:3: too expensive"),
    Runaway(
      name: "concat of nothing", body: #"return table.concat({}, "", 1, 1 << 60)"#,
      message: "test/init.lua:3: too expensive"),
  ]

  @Test(arguments: runaways)
  func isStopped(_ runaway: Runaway) throws {
    let error = try failure(runaway.body)
    #expect(error.message.contains(runaway.message))
    #expect(error.kind == .limit || error.message.contains("too expensive"))
  }

  @Test(arguments: [
    "local t = {} while true do t[#t + 1] = {} end",
    #"local s = "x" while true do s = s .. s end"#,
    #"return string.rep("x", 1 << 40)"#,
    #"return string.rep("x", 100 << 20)"#,
    "local t = {} for i = 1, 1e9 do t[i] = i end",
    #"return string.format("%99s", string.rep("x", 8 << 20))"#,
    "while true do pcall(string.rep, 'x', 12 << 20) end",
  ])
  func memoryIsLimited(_ body: String) throws {
    let error = try failure(body)
    #expect(error.message.hasPrefix("test/init.lua:3: "))
    #expect(
      error.message.contains("not enough memory") || error.kind == .limit
        || error.message.contains("too expensive"))
  }

  @Test func memoryComesBack() throws {
    let state = try function("local t = {} while true do t[#t + 1] = {} end")
    for _ in 0..<5 {
      #expect(throws: LuaError.self) { try state.call("f", of: "plugin", object: "k") }
    }
    #expect(state.usedMemory <= 16 << 20)
  }

  @Test(arguments: [
    "local function f() return 1 + f() end return f()",
    "local t = {} for i = 1, 100000 do t = {t} end return t",
    "local t = setmetatable({}, {}) getmetatable(t).__index = t; return t.x",
    #"return string.rep("(", 100000):find(string.rep("(", 300))"#,
    #"error({})"#,
    "error()",
  ])
  func endsWithAnError(_ body: String) throws { _ = try failure(body) }

  @Test func stackOverflowNamesTheLine() throws {
    let error = try failure(
      "local function f() return 1 + f() end\nreturn f()", limits: LuaLimits())
    #expect(error.message.hasPrefix("test/init.lua:3: "))
    #expect(error.message.contains("stack overflow") || error.message.contains("not enough memory"))
  }

  @Test(arguments: [
    "io", "os", "package", "require", "debug", "coroutine", "load", "loadfile", "dofile",
    "loadstring", "collectgarbage", "print", "warn",
  ])
  func isNotThere(_ name: String) throws {
    #expect(try run("return \(name)").isNone)
  }

  @Test func finalisersAreRefused() throws {
    let error = try failure("setmetatable({}, {__gc = function() while true do end end})")
    #expect(error.message.contains("test/init.lua:3: finalisers"))
  }

  @Test func byteCodeIsRefused() throws {
    let state = try #require(LuaState())
    let error = #expect(throws: LuaError.self) {
      try state.run([0x1b] + Array("Lua".utf8), name: "@x", keepAs: "x")
    }
    #expect(error?.message.contains("binary chunk") == true)
  }

  @Test func syntaxErrorNamesTheLine() throws {
    let state = try #require(LuaState())
    let error = #expect(throws: LuaError.self) {
      try state.run(Array("local x = 1\nlocal = 2".utf8), name: "@half/init.lua", keepAs: "x")
    }
    #expect(error?.message.hasPrefix("half/init.lua:2: ") == true)
  }

  @Test func interruptStops() throws {
    var questions = 0
    let state = try function("while true do end", limits: LuaLimits()) {
      questions += 1
      return questions > 10
    }
    let error = #expect(throws: LuaError.self) { try state.call("f", of: "plugin", object: "k") }
    #expect(error == LuaError("test/init.lua:3: interrupted", kind: .interrupted))
  }

  @Test func valuesGoThrough() throws {
    let table = try #require(
      try run(#"return {1, 2.5, "a\xff", true, {x = {3}}, y = -1}"#).table)
    #expect(table.list.map(\.kind) == ["number", "number", "string", "boolean", "table"])
    #expect(table.list[0].integer == 1)
    #expect(table.list[2].text == #"a\xff"#)
    #expect(table.list[4].table?["x"].table?.list[0].integer == 3)
    #expect(table["y"].integer == -1)
  }

  @Test func hostErrorsNameTheCallersLine() throws {
    let error = try failure("local x = 1\nreturn k:global('a::B')")
    #expect(error.message == "test/init.lua:4: there is no target while a plugin is loaded")
    let argument = try failure("k:each(nil, function() end)")
    #expect(argument.message == "test/init.lua:3: a typed value is expected, this is nil")
  }

  @Test func usefulStringFunctionsStillWork() throws {
    let result = try run(
      #"""
      local words = {}
      for word in ("a=1, b=22"):gmatch("%w+=%d+") do words[#words + 1] = word end
      table.insert(words, ("x"):rep(3, "-"))
      table.sort(words)
      return { table.concat(words, "|"), ("%016x"):format(-1), ("k=v"):match("=(.*)") }
      """#)
    #expect(
      result.table?.list.map(\.text) == ["a=1|b=22|x-x-x", "ffffffffffffffff", "v"])
  }
}
