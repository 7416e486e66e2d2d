import Expressions
import KernelModel
import Machine
import Testing

@testable import LuaPlugins

/// A kernel with three threads in an array: `{ id: u64, state: State, cpu: Option<u64> }`, the last
/// one not readable from `cpu` on.
private func environment() -> FakeEnvironment {
  let environment = FakeEnvironment()
  let context = environment.fake
  let state = Make.units("State", ["Running", "DataAbort"])
  let thread = Make.structure(
    "Thread",
    [
      Make.member("id", Make.u64, 0), Make.member("state", state, 8),
      Make.member("cpu", Make.optional, 16), Make.member("delta", Make.i32, 12),
    ], 32)
  context.add("THREADS", Make.array(thread, 3), at: 0x1000)
  let memory = context.fakeMemory
  for (index, id) in [7, 105, 9].enumerated() {
    let base = 0x1000 + UInt64(index) * 32
    memory.write(UInt64(id), at: base)
    memory.write(UInt64(index % 2), byteCount: 1, at: base + 8)
    memory.write([0, 0, 0], at: base + 9)
    memory.write(0xffff_fffe, byteCount: 4, at: base + 12)
    if index < 2 {
      memory.write(UInt64(index), at: base + 16)
      memory.write(3, at: base + 24)
    }
  }
  context.types["fake::Frame"] = Make.structure(
    "Frame",
    [
      Make.member("x", Make.array(Make.u64, 31), 0), Make.member("sp", Make.u64, 248),
      Make.member("pc", Make.u64, 256), Make.member("pstate", Make.u64, 264),
    ], 272)
  return environment
}

private func kernel(
  _ body: String, in environment: FakeEnvironment = environment(), limits: LuaLimits = .small
) throws -> LuaKernel {
  let source = "local M = { name = 'test' }\n\(body)\nreturn M"
  let plugin = try Plugin(
    source: Array(source.utf8), path: "plugins/kernels/test/init.lua", limits: limits)
  return LuaKernel(plugin: plugin, environment: environment)
}

private let threads = """
  function M.threads(k)
    return k:each(k:global("THREADS"), function(position, thread, row)
      row.id = thread.id
      row.state = thread.state
      row.cpu = thread.cpu
      row.priority = thread.delta
    end)
  end
  """

@Suite struct LuaKernelTests {
  @Test func rowsAreSortedAndTyped() throws {
    let rows = try kernel(threads).objects(of: .thread)
    #expect(rows.map(\.id) == ["7", "9", "105"])
    #expect(rows[0].fields["state"]?.value == .text("running"))
    #expect(rows[2].fields["state"]?.value == .text("data-abort"))
    #expect(rows[0].fields["cpu"]?.value == FieldValue.none)
    #expect(rows[0].fields["cpu"]?.certainty == .certain)
    #expect(rows[2].fields["cpu"]?.value == .reference(ObjectReference(.cpu, "3")))
    #expect(rows[0].fields["priority"]?.value == .text("-2"))
    #expect(rows.allSatisfy { $0.problem == nil })
  }

  @Test func evidenceIsWhatWasRead() throws {
    let rows = try kernel(threads).objects(of: .thread)
    let evidence = try #require(rows[2].fields["state"]?.evidence.first)
    #expect(evidence.path == "THREADS[1].state")
    #expect(evidence.type == "State")
    #expect(evidence.address == Address(0x1028))
    #expect(evidence.bytes == [1])
  }

  @Test func unreadableFieldIsUnavailableAlone() throws {
    let row = try #require(try kernel(threads).objects(of: .thread).first { $0.id == "9" })
    guard case .unavailable(let reason)? = row.fields["cpu"]?.certainty else {
      Issue.record("cpu must be unavailable")
      return
    }
    #expect(reason.contains("is not mapped"))
    #expect(row.fields["state"]?.value == .text("running"))
    #expect(row.problem == nil)
  }

  @Test func failingRowKeepsItsKeyAndFields() throws {
    let rows = try kernel(
      """
      function M.threads(k)
        return k:each(k:global("THREADS"), function(position, thread, row)
          row.name = "t" .. position
          if position == 1 then error("no luck") end
          row.detail = thread.nothing
        end)
      end
      """
    ).objects(of: .thread)
    #expect(rows.map(\.id) == ["0", "1", "2"])
    #expect(rows[1].problem == "test/init.lua:5: no luck")
    #expect(rows[1].fields["name"]?.value == .text("t1"))
    #expect(rows[0].problem?.hasPrefix("THREADS[0]: no field `nothing`") == true)
  }

  @Test func functionsAreFieldsThatMayFail() throws {
    let rows = try kernel(
      """
      function M.threads(k)
        return k:each(k:global("THREADS"), function(position, thread, row)
          row.pc = function() return thread.id end
          row.priority = function() return thread.cpu:num() end
          row.name = function() error("my fault") end
          local x = thread.nothing
        end)
      end
      """
    ).objects(of: .thread)
    #expect(rows[1].fields["pc"]?.value == .address(105))
    #expect(rows[1].fields["priority"]?.value == .number(3))
    #expect(rows[0].fields["priority"]?.certainty == .unavailable("THREADS[0].cpu: it is None"))
    #expect(rows[0].fields["name"]?.certainty == .unavailable("test/init.lua:6: my fault"))
    #expect(rows[0].problem?.hasPrefix("THREADS[0]: no field `nothing`") == true)
  }

  @Test func remarksOfFields() throws {
    let rows = try kernel(
      """
      function M.threads(k)
        local t = k:global("THREADS")[1]
        return {
          {
            id = t.id,
            name = k.inferred("guess", "a rule", t.state),
            domain = k.unavailable("a reason", t.id),
            blocked_on = k.ref("endpoint", t.id, t.state),
            parent = k.none(t.cpu),
            pc = k.computed(t.id, t.state),
            stack = k.computed("a-b", t),
            detail = k.try(function() error("oh") end),
            since = 5,
            space = "2",
            cpu = k.ref("cpu", t.cpu),
          },
        }
      end
      """
    ).objects(of: .thread)
    let fields = rows[0].fields
    #expect(rows[0].problem == nil)
    #expect(fields["name"]?.value == .text("guess"))
    #expect(fields["name"]?.certainty == .inferred("a rule"))
    #expect(fields["name"]?.evidence.map(\.path) == ["THREADS[1].state"])
    #expect(fields["domain"]?.certainty == .unavailable("a reason"))
    #expect(fields["blocked_on"]?.value == .reference(ObjectReference(.endpoint, "105")))
    #expect(
      fields["blocked_on"]?.evidence.map(\.path) == ["THREADS[1].id", "THREADS[1].state"])
    #expect(fields["parent"]?.value == FieldValue.none)
    #expect(fields["parent"]?.evidence.map(\.path) == ["THREADS[1].cpu"])
    #expect(fields["pc"]?.value == .address(105))
    #expect(fields["stack"]?.value == .text("a-b"))
    #expect(fields["detail"]?.certainty == .unavailable("test/init.lua:13: oh"))
    #expect(fields["since"]?.value == .duration(5))
    #expect(fields["space"]?.value == .reference(ObjectReference(.space, "2")))
    #expect(fields["cpu"]?.value == .reference(ObjectReference(.cpu, "3")))
  }

  @Test func listsKeepTheirEvidence() throws {
    let rows = try kernel(
      """
      function M.messages(k)
        local t = k:global("THREADS")
        return { { endpoint = 4, position = 0, badge = 7, words = { k.hex(t[0].id), 2, t[1].id } } }
      end
      """
    ).objects(of: .message)
    #expect(rows[0].id == "4:0")
    #expect(rows[0].fields["badge"]?.value == .hex(7))
    #expect(rows[0].fields["words"]?.value == .list([.hex(7), .number(2), .number(105)]))
    #expect(rows[0].fields["words"]?.evidence.map(\.path) == ["THREADS[0].id", "THREADS[1].id"])
  }

  struct Failure: CustomTestStringConvertible {
    let body: String
    let kind: KernelError.Kind
    let message: String
    var testDescription: String { message }
  }

  static let failures = [
    Failure(
      body: "error('whole view')", kind: .plugin,
      message: "plugin test: test/init.lua:3: whole view"),
    Failure(
      body: "while true do end", kind: .plugin,
      message: "plugin test: test/init.lua:3: stopped: it runs for too long"),
    Failure(
      body: "k:not_initialised('MAP is empty')", kind: .notInitialised,
      message: "the kernel is not initialised yet: MAP is empty"),
    Failure(
      body: "local x = k:global('NOTHING')", kind: .plugin,
      message: "plugin test: test/init.lua:3: there is no static 'NOTHING' in the kernel's image"),
    Failure(
      body: "local x = k:global('THREADS')[2].cpu:num()", kind: .target,
      message: "plugin test: test/init.lua:3: THREADS[2].cpu: 0x0000000000001050 is not mapped"),
    Failure(
      body: "local x = k:global('THREADS')[3]", kind: .target,
      message: "plugin test: test/init.lua:3: THREADS: index 3 is outside"),
    Failure(
      body: "return 5", kind: .plugin,
      message: "plugin test: 'threads' must return a list of rows, not a number"),
    Failure(
      body: "return { id = 5 }", kind: .plugin,
      message: "plugin test: 'threads' must return a list of rows, not a table"),
    Failure(
      body: "k:global('THREADS').x = 1", kind: .plugin,
      message: "plugin test: test/init.lua:3: typed values cannot be changed"),
  ]

  @Test(arguments: failures)
  func failingViewNamesPluginAndLine(_ failure: Failure) throws {
    let kernel = try kernel("function M.threads(k)\n\(failure.body)\nend")
    let error = #expect(throws: KernelError.self) { try kernel.objects(of: .thread) }
    #expect(error?.kind == failure.kind)
    #expect(error?.message.hasPrefix(failure.message) == true, "\(error?.message ?? "")")
    // Other views still work.
    #expect(try kernel.objects(of: .cpu).map(\.id) == ["0", "1"])
  }

  @Test func valuesOfEarlierCallsAreRefused() throws {
    let kernel = try kernel(
      """
      function M.threads(k) kept = k:global('THREADS') return {} end
      function M.domains(k) local x = kept[0] return {} end
      """)
    _ = try kernel.objects(of: .thread)
    let error = #expect(throws: KernelError.self) { try kernel.objects(of: .domain) }
    #expect(error?.message.contains("belongs to an earlier call") == true)
  }

  @Test(arguments: [
    ("{ 5 }", "#1", "the plugin gave a number as a row"),
    ("{ { nothing = 1, id = 2 } }", "2", "the plugin's field 'nothing' is none of a thread"),
    ("{ { name = 'x' } }", "#1", "the plugin gave a row without an id"),
  ])
  func badRowsAreRows(_ result: String, _ id: String, _ problem: String) throws {
    let rows = try kernel("function M.threads(k) return \(result) end").objects(of: .thread)
    #expect(rows.map(\.id) == [id])
    #expect(rows.map(\.problem) == [problem])
  }

  @Test func answersAreKeptUntilTheTargetRan() throws {
    let environment = environment()
    let kernel = try kernel(threads, in: environment)
    _ = try kernel.objects(of: .thread)
    let reads = environment.fake.fakeMemory.reads.count
    _ = try kernel.objects(of: .thread)
    #expect(environment.fake.fakeMemory.reads.count == reads)
    environment.stopCount += 1
    _ = try kernel.objects(of: .thread)
    #expect(environment.fake.fakeMemory.reads.count > reads)
  }

  /// Whatever is in memory, a view gives rows, and reads no more than these need.
  @Test(arguments: 0..<200)
  func anyMemoryGivesRows(_ seed: Int) throws {
    var state = UInt64(seed) &+ 0x9e37_79b9_7f4a_7c15
    let environment = environment()
    for address in 0x1000..<UInt64(0x1060) {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      environment.fake.fakeMemory.write([UInt8(truncatingIfNeeded: state >> 33)], at: address)
    }
    let rows = try kernel(threads, in: environment).objects(of: .thread)
    #expect(rows.count == 3)
    let reads = environment.fake.fakeMemory.reads
    #expect(reads.allSatisfy { $0.address >= 0x1000 && $0.address < 0x1060 && $0.count <= 96 })
  }

  @Test func missingKindIsUnsupported() throws {
    let error = #expect(throws: KernelError.self) { try kernel("").objects(of: .endpoint) }
    #expect(error == KernelError(.unsupported, "plugin test knows no endpoints"))
  }
}

@Suite struct DerivedFieldTests {
  private let source = """
    M.ready = "ready_here"
    M.kernel_root = "ROOT"
    M.trap_frame = {
      type = "fake::Frame", entries = { "vectors" },
      registers = { x = "x", sp = "sp", pc = "pc", cpsr = "pstate" },
    }
    function M.detect(k) return k:exists("THREADS") and 80 or 0 end
    function M.spaces(k) return { { id = 1, root = 0x4000 }, { id = 2, root = 0x5000 } } end
    function M.domains(k) return { { id = 3, name = "fs", space = k.ref("space", 2) } } end
    function M.images(k) return { { image = "servers", space = 1 }, { image = "user", space = 2 } } end
    function M.recovery(k) return { { id = 1, domain = 3, pc = 0x400010 } } end
    function M.capabilities(k)
      return {
        { domain = 3, slot = 10, parent = k.ref("capability", "3:2") },
        { domain = 3, slot = 2, parent = k.none() },
        { domain = 3, slot = 4, parent = k.ref("capability", "9:0") },
      }
    end
    function M.context(k, id)
      if id == 1 then return { cpu = 2 } end
      if id == 2 then return { registers = { pc = 16, sp = 32 }, space = 2 } end
      if id == 3 then return { frame = k:global("FRAME"), space = "1" } end
      return { unavailable = "no such thread" }
    end
    """

  @Test func whatTheModelAdds() throws {
    let kernel = try kernel(source)
    let event = try kernel.objects(of: .recovery)[0]
    #expect(event.fields["location"]?.value == .text("space 0x5000 at 0x400010"))
    let capabilities = try kernel.objects(of: .capability)
    #expect(capabilities.map(\.id) == ["3:2", "3:4", "3:10"])
    #expect(
      capabilities.map { $0.fields["from"]?.value } == [.some(.none), .some(.none), .text("fs")])
    #expect(capabilities[1].fields["from"]?.certainty == .unavailable("there is no domain 9"))
    let cpu = try kernel.objects(of: .cpu)[1]
    #expect(cpu.fields["pc"]?.value == .address(0xffff_ff80_4020_0001))
    #expect(cpu.fields["location"]?.value == .text("kernel at 0xffffff8040200001"))
  }

  @Test func knowledge() throws {
    let kernel = try kernel(source)
    #expect(try kernel.fit() == 80)
    #expect(kernel.readySymbol == "ready_here")
    #expect(kernel.kernelRootExpression == "ROOT")
    #expect(kernel.root(ofSpace: "2") == PhysicalAddress(0x5000))
    #expect(kernel.root(ofSpace: "7") == nil)
    #expect(kernel.space(withRoot: PhysicalAddress(0x4000)) == "1")
    #expect(kernel.spaces(ofImage: "user") == ["2"])
    #expect(kernel.spaces(ofImage: "other") == nil)
    let layout = try #require(kernel.trapFrame)
    #expect(layout.entrySymbols == ["vectors"])
    #expect(layout.byteCount == 272)
    #expect(layout.offsets["x0"] == 0)
    #expect(layout.offsets["x30"] == 240)
    #expect(layout.offsets["cpsr"] == 264)
    #expect(layout.offsets.count == 34)
  }

  @Test func contexts() throws {
    let environment = environment()
    let context = environment.fake
    let frame = try #require(context.types["fake::Frame"])
    context.add("FRAME", frame, at: 0x8000)
    for index in 0..<34 { context.fakeMemory.write(UInt64(index), at: 0x8000 + UInt64(index) * 8) }
    let kernel = try kernel(source, in: environment)
    guard case .onCPU(2) = try kernel.context(ofThread: "1"),
      case .saved(let given) = try kernel.context(ofThread: "2"),
      case .saved(let frame) = try kernel.context(ofThread: "3"),
      case .unavailable("no such thread") = try kernel.context(ofThread: "x")
    else {
      Issue.record("wrong contexts")
      return
    }
    #expect(given.space == "2")
    #expect(given.registers.values == ["pc": 16, "sp": 32])
    #expect(frame.space == "1")
    #expect(frame.registers["x30"] == 30)
    #expect(frame.registers["pc"] == 32)
  }
}
