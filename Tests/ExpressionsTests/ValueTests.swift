import Expressions
import Machine
import Symbols
import Testing

@Suite struct ValueTests {
  let memory = FakeMemory()

  func value(_ type: Type, at address: UInt64 = 0x1000) -> Value {
    Value(type: type, location: .memory(Address(address)), memory: memory, path: "V")
  }

  @Test func nothingIsReadBeforeItIsNeeded() throws {
    let type = Make.structure("S", 16, Make.member("a", Make.u64, 0), Make.member("b", Make.u64, 8))
    let member = try value(type).member(named: "b")
    #expect(member.address == Address(0x1008))
    #expect(member.path == "V.b")
    #expect(memory.reads.isEmpty)
  }

  @Test func smallStructureIsReadOnce() throws {
    memory.store(1, at: 0x1000)
    memory.store(2, at: 0x1008)
    let type = Make.structure("S", 16, Make.member("a", Make.u64, 0), Make.member("b", Make.u64, 8))
    let value = value(type)
    #expect(try value.member(named: "a").unsigned() == 1)
    #expect(try value.member(named: "b").unsigned() == 2)
    #expect(memory.reads.map(\.count) == [16])
  }

  @Test func whatCannotBeReadWholeIsReadInParts() throws {
    memory.store(7, at: 0x1008)
    let type = Make.structure("S", 16, Make.member("a", Make.u64, 0), Make.member("b", Make.u64, 8))
    let value = value(type)
    #expect(try value.member(named: "b").unsigned() == 7)
    #expect(
      throws: ValueError(
        path: "V.a", .memory(MemoryError(Address(0x1000), .notMapped(level: 3))))
    ) { try value.member(named: "a").unsigned() }
    #expect(
      value.format().renderLine()
        == "S { a: <0x0000000000001000 is not mapped (no level 3 entry)>, b: 7 }")
  }

  @Test func bigStructureIsReadByMembers() throws {
    memory.store(5, at: 0x1000)
    let type = Make.structure("S", 1 << 30, Make.member("a", Make.u64, 0))
    #expect(try value(type).member(named: "a").unsigned() == 5)
    #expect(memory.reads.map(\.count) == [8])
    #expect(throws: ValueError.self) { try value(type).bytes() }
  }

  @Test(
    arguments: [
      (Make.u8, [0xff], Int128(255)), (Make.i8, [0xff], -1),
      (Make.i32, [0, 0, 0, 0x80], -(1 << 31)),
      (Make.u16, [1, 2], 0x201), (Make.bool, [1], 1),
      (Make.u64, Array(repeating: 0xff, count: 8), (1 << 64) - 1),
    ] as [(Type, [UInt8], Int128)])
  func integers(type: Type, bytes: [UInt8], expected: Int128) throws {
    memory.store(bytes, at: 0x1000)
    #expect(try value(type).integer() == expected)
  }

  @Test func numbersThatDoNotFit() throws {
    memory.store(Array(repeating: 0xff, count: 16), at: 0x1000)
    #expect(throws: ValueError.self) { try value(Make.u128).unsigned() }
    #expect(throws: ValueError.self) { try value(Make.u128).integer() }
    #expect(value(Make.u128).format().renderLine() == "340282366920938463463374607431768211455")
    #expect(try value(Make.u64).unsigned() == .max)
    #expect(throws: ValueError.self) { try value(Make.u64).signed() }
  }

  @Test func newtypesAreNumbers() throws {
    memory.store(9, at: 0x1000)
    let inner = Make.structure("Inner", 8, Make.member("__0", Make.u64, 0))
    let outer = Make.structure(
      "Outer", 8, Make.member("marker", Make.unit, 0), Make.member("value", inner, 0))
    #expect(try value(outer).unsigned() == 9)
    let pair = Make.structure("P", 16, Make.member("a", Make.u64, 0), Make.member("b", Make.u64, 8))
    #expect(throws: ValueError(path: "V", .wrongType("`P` is not a number"))) {
      try value(pair).unsigned()
    }
  }

  @Test func tupleFieldsByEitherName() throws {
    memory.store(3, at: 0x1000)
    let type = Make.structure("T", 8, Make.member("__0", Make.u64, 0))
    #expect(try value(type).member(named: "0").unsigned() == 3)
    #expect(try value(type).member(named: "__0").unsigned() == 3)
    #expect(try value(type).member(named: "0").path == "V.0")
  }

  @Test func fieldsOfAnonymousMembers() throws {
    memory.store(3, at: 0x1000)
    memory.store(4, at: 0x1008)
    let inner = Make.union("", 8, Make.member("x", Make.u64, 0), Make.member("y", Make.u8, 0))
    let type = Make.structure("S", 16, Make.member("a", Make.u64, 0), Make.member(nil, inner, 8))
    #expect(try value(type).member(named: "y").unsigned() == 4)
  }

  @Test func missingFieldListsWhatIsThere() throws {
    let type = Make.structure("S", 8, Make.member("name", Make.u64, 0))
    let error = #expect(throws: ValueError.self) { try value(type).member(named: "x") }
    #expect(error?.kind == .noSuchMember("no field `x` in `S`; it has name"))
    let close = #expect(throws: ValueError.self) { try value(type).smartMember(named: "nmae") }
    #expect(
      close?.kind == .noSuchMember("no field `nmae` in `S`; did you mean `name`?"))
  }

  // MARK: Enums

  static let payload = Make.structure("Some", 8, Make.member("__0", Make.u64, 0))
  static let empty = Make.structure("None", 8)

  @Test func nicheIsTheDefaultVariant() throws {
    let type = Make.variants(
      "Option", 8, tag: Make.u64, [("None", 0, Self.empty), ("Some", nil, Self.payload)])
    memory.store(0, at: 0x1000)
    #expect(try value(type).activeVariant()?.name == "None")
    #expect(try value(type).activeVariant()?.payload == nil)
    memory.store(77, at: 0x1000)
    #expect(try value(type).activeVariant()?.name == "Some")
    #expect(try value(type).member(named: "0").unsigned() == 77)
    #expect(try value(type).member(named: "Some").member(named: "0").unsigned() == 77)
    let error = #expect(throws: ValueError.self) { try value(type).member(named: "None") }
    #expect(error?.kind == .noSuchMember("it is `Some` now, not `None`"))
    #expect(value(type).format().renderLine() == "Some(77)")
  }

  @Test func discriminantOfNoVariantIsCorrupt() throws {
    let type = Make.variants(
      "E", 8, tag: Make.u8, [("A", 0, Self.empty), ("B", 0xff, Self.payload)])
    memory.store(9, at: 0x1000)
    let error = #expect(throws: ValueError.self) { try value(type).activeVariant() }
    #expect(error?.kind == .corrupt("no variant of `E` has the discriminant 9"))
    #expect(
      value(type).format().renderLine() == "<corrupt: no variant of `E` has the discriminant 9>")
    memory.store(0xff, at: 0x1000)
    #expect(try value(type).activeVariant()?.name == "B")
  }

  @Test func wideDiscriminant() throws {
    let type = Make.variants(
      "W", 16, tag: Make.u128, [("A", 1, Self.empty), ("B", nil, Self.payload)])
    memory.store(1, at: 0x1000)
    memory.store(0, at: 0x1008)
    #expect(try value(type).activeVariant()?.name == "A")
    memory.store(1, at: 0x1008)
    #expect(try value(type).activeVariant()?.name == "B")
  }

  @Test func singleVariantHasNoDiscriminant() throws {
    memory.store(4, at: 0x1000)
    let one = Make.variants("E", 8, tag: nil, [("Only", nil, Self.payload)])
    #expect(value(one).format().renderLine() == "Only(4)")
    let none = Make.variants("Never", 0, tag: nil, [])
    #expect(throws: ValueError.self) { try value(none).activeVariant() }
  }

  @Test func enumerations() throws {
    let type = Make.enumeration("Level", 1, [("Low", 0xfb), ("High", .max)])
    memory.store([0xfb], at: 0x1000)
    #expect(try value(type).activeVariant()?.name == "Low")
    // An enumerator may be written with the sign of a wider type.
    memory.store([0xff], at: 0x1000)
    #expect(try value(type).activeVariant()?.name == "High")
    memory.store([3], at: 0x1000)
    #expect(value(type).format().renderLine() == "<corrupt: 3 is no value of `Level`>")
  }

  // MARK: Arrays and pointers

  @Test func arraysOfArrays() throws {
    memory.store([1, 2, 3, 4, 5, 6], at: 0x1000)
    let type = Make.array(of: Make.u8, 3, 2)
    #expect(try value(type).element(2).element(1).unsigned() == 6)
    #expect(try value(type).element(1).path == "V[1]")
    #expect(value(type).format().renderLine() == "[[1, 2], [3, 4], [5, 6]]")
    #expect(throws: ValueError.self) { try value(type).element(3) }
    #expect(try value(type).length() == 3)
  }

  @Test func pointers() throws {
    memory.store(0x2000, at: 0x1000)
    memory.store([1, 2, 3], at: 0x2000)
    let type = Make.pointer(to: Make.u8)
    #expect(try value(type).dereferenced().unsigned() == 1)
    #expect(try value(type).element(2).unsigned() == 3)
    #expect(value(type).format().renderLine() == "0x0000000000002000")
    memory.store(0, at: 0x1000)
    #expect(throws: ValueError(path: "V", .unavailable("null pointer"))) {
      try value(type).dereferenced()
    }
  }

  @Test func valuesThatAreNotThere() throws {
    let value = Value(
      type: Make.structure("S", 8, Make.member("a", Make.u64, 0)),
      location: .unavailable("optimised out"), memory: memory, path: "v")
    #expect(value.format().renderLine() == "<optimised out>")
    #expect(throws: ValueError(path: "v.a", .unavailable("optimised out"))) {
      try value.member(named: "a").unsigned()
    }
  }

  @Test func copiesHaveTheirOwnBounds() throws {
    let type = Make.structure("S", 8, Make.member("a", Make.u64, 0))
    let short = Value(type: type, location: .bytes([1, 2]), memory: memory, path: "v")
    #expect(throws: ValueError.self) { try short.member(named: "a") }
  }

  @Test func aliasesAreLookedThroughWithoutEnd() throws {
    memory.store([7], at: 0x1000)
    var type = Make.u8
    for _ in 0..<10 { type = Type(name: "A", byteCount: nil, kind: .alias(TypeReference(type))) }
    #expect(try value(type).unsigned() == 7)
    for _ in 0..<100 { type = Type(name: "A", byteCount: nil, kind: .alias(TypeReference(type))) }
    #expect(throws: ValueError(path: "V", .limit("too many aliases of a type"))) {
      try value(type).unsigned()
    }
  }

  // MARK: Limits

  @Test func hugeArraysAreCut() throws {
    memory.store(Array(0..<200), at: 0x1000)
    let type = Make.array(of: Make.u8, 1 << 40)
    let line = value(type).format(limits: FormatLimits(elements: 3)).renderLine()
    #expect(line == "[0, 1, 2, ... 1099511627773 more]")
    #expect(memory.reads.count <= 3)
  }

  /// A description that contains itself, as no compiler writes it.
  final class SelfContaining: TypeSource {
    func type(id: UInt64) throws(SymbolError) -> Type {
      let inner = Member(name: "__0", type: TypeReference(self, id: id), offset: 0)
      let part = VariantPart(
        discriminant: nil, variants: [Variant(discriminants: nil, member: inner)])
      switch id {
      case 0: return Make.structure("Mutex", 8, inner)
      case 1: return Make.union("U", 8, inner)
      case 2: return Type(name: "A", byteCount: nil, kind: .alias(inner.type))
      case 3: return Type(name: "P", byteCount: 8, kind: .pointer(inner.type))
      case 4: return Make.array(of: Make.u8, 2)
      case 5: return Type(name: "R", byteCount: 8, kind: .array(element: inner.type, counts: [8]))
      default:
        return Type(
          name: "E", byteCount: 8, kind: .structure(Composite(members: [], variants: part)))
      }
    }

    func type(named qualifiedName: String) throws(SymbolError) -> Type? { nil }
  }

  @Test(arguments: [0, 1, 2, 3, 4, 5, 6] as [UInt64])
  func descriptionsThatContainThemselves(id: UInt64) throws {
    memory.store(0x1000, at: 0x1000)
    let value = value(try SelfContaining().type(id: id))
    #expect(value.format().renderLine().utf8.count < 100_000)
    _ = try? value.unsigned()
    _ = try? value.smartMember(named: "nothing")
    _ = try? value.smartMemberNames()
    _ = try? value.contents(limit: 10)
    _ = try? value.unwrapped()
    _ = try? value.string()
  }

  @Test func structuresAreOpenedToTheDepthLimit() throws {
    var type = Make.u64
    for _ in 0..<100 { type = Make.structure("N", 8, Make.member("next", type, 0)) }
    memory.store(1, at: 0x1000)
    let line = value(type).format(limits: FormatLimits(depth: 2)).renderLine()
    #expect(line == "N { next: N { next: N ... } }")
  }
}
