import Symbols
import TestSupport
import Testing

/// The types of `Tests/Fixtures/shapes/shapes.rs`.
struct TypeTests {
  private func type(_ name: String, _ path: String) throws -> Type {
    try #require(try Image(path: path).types(named: name).first)
  }

  private func composite(_ type: Type) throws -> Composite {
    switch type.kind {
    case .structure(let composite), .union(let composite): return composite
    default: throw Unexpected(type.qualifiedName)
    }
  }

  private struct Unexpected: Error {
    let name: String
    init(_ name: String) { self.name = name }
  }

  @Test(arguments: Fixtures.shapes)
  func structure(path: String) throws {
    let thread = try type("kernel::thread::Thread", path)
    #expect(thread.qualifiedName == "shapes::kernel::thread::Thread")
    #expect(thread.name == "Thread" && thread.byteCount == 88)
    let members = try composite(thread).members
    #expect(
      Set(members.map { "\($0.name ?? "?"): \((try? $0.type.resolve().name) ?? "?")" }) == [
        "id: usize", "state: State", "frame: Frame", "name: &str", "stack: [u64; 4]",
        "parent: Option<&shapes::kernel::thread::Thread>",
      ])
    let stack = try #require(members.first { $0.name == "stack" }).type.resolve()
    guard case .array(let element, let counts) = stack.kind else { throw Unexpected(stack.name) }
    #expect(counts == [4] && stack.byteCount == 32)
    guard case .base(.unsigned) = try element.resolve().kind else { throw Unexpected("element") }
  }

  @Test(arguments: Fixtures.shapes)
  func enumWithData(path: String) throws {
    let frame = try composite(try type("Frame", path))
    let variants = try #require(frame.variants)
    #expect(variants.variants.map(\.member.name) == ["Memory", "Device", "Hole"])
    #expect(variants.variants.map(\.discriminants) == [[0...0], [1...1], [2...2]])
    let discriminant = try #require(variants.discriminant)
    #expect(discriminant.offset == 0)
    #expect(try discriminant.type.resolve().name == "u16")
    let device = try composite(variants.variants[1].member.type.resolve())
    #expect(Set(device.members.compactMap(\.name)) == ["base", "irq"])
    #expect(
      try variants.variants[1].member.type.resolve().qualifiedName
        == "shapes::kernel::thread::Frame::Device")
  }

  @Test(arguments: Fixtures.shapes)
  func niche(path: String) throws {
    let name = "core::option::Option<&shapes::kernel::thread::Thread>"
    let option = try composite(try type(name, path))
    let variants = try #require(option.variants)
    let some = try #require(variants.variants.first { $0.member.name == "Some" })
    let none = try #require(variants.variants.first { $0.member.name == "None" })
    #expect(some.discriminants == nil)
    #expect(none.discriminants == [0...0])
    #expect(try type(name, path).byteCount == 8)
  }

  @Test(arguments: Fixtures.shapes)
  func enumWithoutData(path: String) throws {
    guard case .enumeration(let state) = try type("State", path).kind else {
      throw Unexpected("State")
    }
    #expect(state.enumerators.map(\.name) == ["Runnable", "Sleeping", "Waiting"])
    #expect(state.enumerators.map(\.value) == [0, 1, 7])
    #expect(try state.underlying?.resolve().name == "u8")
  }

  @Test(arguments: Fixtures.shapes)
  func union(path: String) throws {
    let word = try type("Word", path)
    guard case .union(let composite) = word.kind else { throw Unexpected("Word") }
    #expect(composite.members.map(\.offset) == [0, 0] && word.byteCount == 8)
  }

  @Test(arguments: Fixtures.shapes)
  func genericArguments(path: String) throws {
    let pair = try composite(try type("Pair<u32, bool>", path))
    #expect(pair.arguments.map(\.name) == ["A", "B"])
    #expect(try pair.arguments.map { try $0.type.resolve().name } == ["u32", "bool"])
    #expect(pair.members.map(\.name).contains("__0"))
  }

  @Test(arguments: Fixtures.shapes)
  func wideDiscriminantsAndTuples(path: String) throws {
    let big = try #require(try Image(path: path).variables(named: "BIG").first).type.resolve()
    let tuple = try composite(big)
    #expect(Set(tuple.members.compactMap(\.name)) == ["__0", "__1"])
    let option = try #require(tuple.members.first { $0.name == "__1" }).type.resolve()
    #expect(try composite(option).variants?.variants.count == 2)
  }

  @Test(arguments: Fixtures.shapes)
  func pointers(path: String) throws {
    let image = try Image(path: path)
    let variable = try #require(try image.variables(named: "CALLBACK").first)
    let callback = try variable.type.resolve()
    guard case .pointer(let target?) = callback.kind else { throw Unexpected(callback.name) }
    guard case .function = try target.resolve().kind else { throw Unexpected("target") }
    #expect(callback.byteCount == 8)
    // `&()` points to nothing that could be shown.
    let unit = try #require(try image.type(named: "&()"))
    guard case .pointer(nil) = unit.kind else { throw Unexpected(unit.name) }
  }

  @Test(arguments: Fixtures.shapes)
  func byName(path: String) throws {
    let image = try Image(path: path)
    let thread = try #require(try image.type(named: "shapes::kernel::thread::Thread"))
    #expect(try image.type(named: "shapes::kernel::thread::Thread") === thread)
    #expect(try image.type(named: "Thread") == nil)
    #expect(try image.types(named: "thread::Thread").first === thread)
    #expect(try image.type(named: "&shapes::kernel::thread::Pair<u32, bool>")?.byteCount == 8)
  }
}
