import Machine
import Symbols
import TestSupport
import Testing

/// What `Tests/Fixtures/shapes/shapes.rs` says, through DWARF 4 and 5.
struct SymbolsTests {
  @Test(arguments: Fixtures.shapes)
  func header(path: String) throws {
    let image = try Image(path: path)
    #expect(image.architecture == .aarch64)
    #expect(image.name.hasSuffix("-O1.elf"))
    #expect(image.buildID?.count == 20)
    #expect(image.entry == image.symbol(named: "_start")?.address)
    #expect(image.hasDebugInformation)
    #expect(image.problems.isEmpty)
    #expect(image.segments.contains { $0.isExecutable && !$0.isWritable })
    let code = try #require(image.contents(at: image.entry, count: 4))
    #expect(code.count == 4)
    #expect(image.contents(at: FileAddress(0x10), count: 4) == nil)
    #expect(image.contents(at: image.entry, count: .max) == nil)
  }

  @Test(
    arguments: Fixtures.shapes,
    [
      ("GUARDS", "shapes::GUARDS"), ("shapes::GUARDS", "shapes::GUARDS"),
      ("counted::CALLS", "shapes::counted::CALLS"), ("CALLS", "shapes::counted::CALLS"),
      ("RESULT", "shapes::RESULT"),
    ])
  func variables(path: String, name: (asked: String, found: String)) throws {
    let image = try Image(path: path)
    let found = try image.variables(named: name.asked)
    #expect(found.map(\.qualifiedName) == [name.found])
    let variable = try #require(found.first)
    let symbol = try #require(image.symbol(containing: variable.address))
    #expect(symbol.name.contains(name.found.split(separator: ":").last ?? "?"))
    #expect(symbol.address == variable.address)
  }

  @Test(arguments: Fixtures.shapes, ["shape::GUARDS", "UARDS", "::", "", "shapes", "x::GUARDS"])
  func noVariables(path: String, name: String) throws {
    #expect(try Image(path: path).variables(named: name).isEmpty)
  }

  @Test(
    arguments: Fixtures.shapes,
    [
      ("swap<u32, bool>", ["shapes::swap<u32, bool>"]),
      ("shapes::swap", ["shapes::swap<u32, bool>"]),
      ("_start", ["shapes::_start"]), ("swap<u32>", []), ("nothing", []),
      ("Guard::drop", []), ("shapes::Guard as core::ops::drop::Drop>::drop", []),
      ("<shapes::Guard as core::ops::drop::Drop>::drop", ["shapes::{impl#0}::drop"]),
    ])
  func functions(path: String, name: (asked: String, found: [String])) throws {
    #expect(try Image(path: path).functions(named: name.asked).map(\.qualifiedName) == name.found)
  }

  @Test(arguments: Fixtures.shapes)
  func lines(path: String) throws {
    let image = try Image(path: path)
    let start = try #require(try image.functions(named: "shapes::_start").first)
    let declaration = try #require(start.declaration)
    #expect(declaration.file.hasSuffix("shapes/shapes.rs") && declaration.line == 142)
    let location = try #require(try image.sourceLocation(of: start.entry))
    #expect(location.file == declaration.file && location.line == 142)
    let body = try image.addressAfterPrologue(of: start)
    #expect(body > start.entry && start.ranges[0].contains(body))
    let bodyLine = try #require(try image.sourceLocation(of: body)).line
    #expect(bodyLine > 142)
    #expect(try image.addresses(file: "shapes.rs", line: bodyLine).contains(body))
    #expect(try image.addresses(file: "shapes/shapes.rs", line: 142).contains(start.entry))
    #expect(try image.addresses(file: "hapes.rs", line: 142).isEmpty)
    #expect(try image.addresses(file: "shapes.rs", line: 100_000).isEmpty)
    // A line without code stands for the next one that has some.
    #expect(
      try image.addresses(file: "shapes.rs", line: 141)
        == image.addresses(file: "shapes.rs", line: 142))
    #expect(try image.function(containing: body)?.id == start.id)
    #expect(try image.function(containing: FileAddress(4)) == nil)
  }

  @Test(arguments: Fixtures.shapes)
  func inlinedCalls(path: String) throws {
    let image = try Image(path: path)
    let counted = try #require(try image.functions(named: "shapes::counted").first)
    var calls: [[InlinedCall]] = []
    for offset in stride(from: 0, to: 64 as UInt64, by: 4) {
      calls.append(try image.inlinedCalls(at: counted.entry + offset))
    }
    let call = try #require(calls.first { $0.count == 2 })
    #expect(call[0].qualifiedName.contains("core::sync::atomic::atomic_add"))
    #expect(call[1].qualifiedName.hasSuffix("::fetch_add"))
    #expect(call[1].callSite?.file.hasSuffix("shapes.rs") == true)
    #expect(call[1].callSite?.line == 106)
  }

  @Test(arguments: Fixtures.shapes)
  func locals(path: String) throws {
    let image = try Image(path: path)
    let swap = try #require(try image.functions(named: "swap").first)
    let locals = try image.locals(at: swap.entry)
    let pair = try #require(locals.first { $0.name == "pair" })
    #expect(pair.isArgument)
    // A reference in the first argument's register: DW_OP_reg0 (AADWARF64 §4.1, AAPCS64 §6.8).
    #expect(pair.location == [0x50])
    #expect(pair.frameBase != nil)
    #expect(try pair.type.resolve().name == "&shapes::kernel::thread::Pair<u32, bool>")
    let counted = try #require(try image.functions(named: "counted").first)
    #expect(try image.locals(at: counted.entry).map(\.name).contains("by"))
    #expect(try image.locals(at: FileAddress(8)).isEmpty)
  }

  @Test(arguments: Fixtures.shapes)
  func completions(path: String) throws {
    let image = try Image(path: path)
    #expect(image.completions(of: "shapes::GU", limit: 5) == ["shapes::GUARDS"])
    #expect(image.completions(of: "GUAR", limit: 5) == ["shapes::GUARDS"])
    #expect(image.completions(of: "", limit: 3).count == 3)
    #expect(image.completions(of: "sha", limit: 0).isEmpty)
  }

  @Test func refusesWhatIsNoImage() {
    #expect(throws: SymbolError.self) { try Image(path: "/nowhere/at/all") }
    #expect(throws: SymbolError.self) { try Image(path: "/") }
    #expect(throws: SymbolError.self) { try Image(path: #filePath) }
    #expect(throws: SymbolError.self) { try Image(path: "/proc/self/exe") }
  }
}
