import Machine
import Symbols
import TestSupport
import Testing

@testable import Debugger

/// What a plugin would say of two spaces with an image each.
private final class TwoSpaces: KernelKnowledge {
  let kernelRootExpression: String? = nil
  let trapFrame: TrapFrameLayout? = nil
  static let roots: [String: UInt64] = ["1": 0x10_0000, "2": 0x20_0000]

  func root(ofSpace id: String) -> PhysicalAddress? { Self.roots[id].map { PhysicalAddress($0) } }
  func space(withRoot root: PhysicalAddress) -> String? {
    Self.roots.first { $0.value == root.rawValue }?.key
  }
  func spaces(ofImage name: String) -> Set<String>? { name.contains("v4") ? ["1"] : ["2"] }
  func currentSpace(ofCPU cpu: Int) -> String? { "2" }
}

/// A dump of physical memory: no system registers, nothing that runs.
private final class FakeDump: Target {
  let summary = "fake dump"
  let architecture = Architecture.aarch64
  let memory = FakePhysicalMemory()
  var systemRegisters: [String: UInt64] = [:]
  var registerDescriptions: [Register] { architecture.registers }
  var physicalMemory: (any PhysicalMemory)? { memory }
  var execution: (any Execution)? { nil }
  var breakpoints: (any BreakpointControl)? { nil }
  var monitor: (any Monitor)? { nil }
  func cpus() throws(TargetError) -> [CPU] { [CPU(id: 0)] }
  func registers(of cpu: Int) throws(TargetError) -> RegisterValues { RegisterValues() }
  func register(_ name: String, of cpu: Int) throws(TargetError) -> UInt64? {
    systemRegisters[name]
  }
  func memory(of cpu: Int) -> (any MemoryReader)? { nil }
  func close() {}
}

@Suite struct SpaceTests {
  private let dump = FakeDump()
  private let knowledge = TwoSpaces()

  private func space(_ id: String) -> AddressSpace {
    .user(root: PhysicalAddress(TwoSpaces.roots[id] ?? 0))
  }

  @Test func theSameAddressIsAnotherImageInAnotherSpace() throws {
    let session = Session(target: dump)
    for path in Fixtures.shapes { session.add(try Image(path: path), space: nil) }
    session.knowledge = knowledge
    let address = Address(try #require(session.images.first).image.entry.rawValue)
    #expect(session.image(at: address, in: space("1"))?.image.name == "shapes-v4-O1.elf")
    #expect(session.image(at: address, in: space("2"))?.image.name == "shapes-v5-O1.elf")
    // Nobody said anything of this space, and the kernel's half has nothing there.
    let unknown = AddressSpace.user(root: PhysicalAddress(0x30_0000))
    #expect(session.image(at: address, in: unknown) == nil)
    #expect(session.image(at: address, in: .kernel) == nil)
    #expect(session.candidates(at: address).map(\.image.name).count == 2)
  }

  @Test func theUsersWordCounts() throws {
    let session = Session(target: dump)
    session.add(try Image(path: Fixtures.shapes[0]), space: "2")
    session.knowledge = knowledge
    let address = Address(try #require(session.images.first).image.entry.rawValue)
    #expect(session.image(at: address, in: space("1")) == nil)
    #expect(session.image(at: address, in: space("2")) != nil)
  }

  @Test func theRootComesFromTheRegisterOrThePlugin() throws {
    let session = Session(target: dump)
    session.knowledge = knowledge
    #expect(try session.space(ofCPU: 0) == space("2"))
    // An ASID and the common bit are no part of the address.
    dump.systemRegisters["ttbr0_el1"] = 0x0001_0000_0010_0001
    #expect(try session.space(ofCPU: 0) == space("1"))
    dump.systemRegisters["ttbr0_el1"] = 0
    #expect(try session.space(ofCPU: 0) == .kernel)
  }

  @Test func userMemoryGoesThroughItsOwnTables() throws {
    // One page at 0x1000 of each space, at different places.
    for (root, page) in [(UInt64(0x10_0000), UInt64(0x70_0000)), (0x20_0000, 0x80_0000)] {
      dump.memory.write((root + 0x1000) | 3, at: root)
      dump.memory.write((root + 0x2000) | 3, at: root + 0x1000)
      dump.memory.write(page | 3, at: root + 0x2000 + 8)
      dump.memory.write(page, at: page + 0x10)
    }
    let session = Session(target: dump)
    let address = Address(0x1010)
    #expect(try session.memory(in: space("1")).readUnsigned(address, byteCount: 8) == 0x70_0000)
    #expect(try session.memory(in: space("2")).readUnsigned(address, byteCount: 8) == 0x80_0000)
  }

  @Test func theKernelsHalfUsesTTBR1WhereTheMMUIsOn() throws {
    dump.systemRegisters = [
      "sctlr_el1": 1, "ttbr1_el1": 0x40_0000, "tcr_el1": 25 << 16 | 25,
    ]
    dump.memory.write(0x4000_0701, at: 0x40_0000)
    dump.memory.write(0x99, at: 0x4000_0020)
    let session = Session(target: dump)
    let memory = session.memory(in: .kernel)
    #expect(try memory.readUnsigned(Address(0xffff_ff80_0000_0020), byteCount: 1) == 0x99)
    #expect(session.translationNote == nil)
  }

  @Test func withoutTablesOrImageItSaysSo() {
    let session = Session(target: dump)
    #expect(throws: MemoryError.self) {
      try session.memory(in: .kernel).read(Address(0xffff_ff80_0000_0020), count: 1)
    }
    #expect(throws: MemoryError(Address(0x20), .noTranslation("no user space is selected"))) {
      try session.memory(in: .kernel).read(Address(0x20), count: 1)
    }
  }
}
