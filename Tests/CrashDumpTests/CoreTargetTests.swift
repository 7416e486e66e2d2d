import Binary
import Machine
import Testing

@testable import CrashDump

@Suite struct CoreTargetTests {
  private func open(_ builder: CoreBuilder) throws -> CoreTarget {
    try CoreTarget(Bytes(builder.bytes), path: "x.core")
  }

  private func failure(_ bytes: [UInt8]) -> TargetError? {
    do throws(TargetError) {
      _ = try CoreTarget(Bytes(bytes), path: "x.core")
      return nil
    } catch { return error }
  }

  /// One CPU and 16 bytes of memory at 0x40000000.
  private var plain: CoreBuilder {
    var builder = CoreBuilder()
    builder.addCPU(0x100)
    builder.loads = [.init(0x4000_0000, Array(0..<16))]
    return builder
  }

  private static let fixture: String = {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    return "/\(folder)/Fixtures/cores/qemu-virt-2-cpus.core"
  }()

  @Test func aCoreOfQEMU() throws {
    let target = try CoreTarget.open(Self.fixture)
    #expect(target.warnings.isEmpty)
    #expect(target.summary == "dump \(Self.fixture)")
    #expect(try target.cpus() == [CPU(id: 0), CPU(id: 1)])
    for cpu in 0..<2 {
      let values = try target.registers(of: cpu)
      let first = 0x1122_3344_0000_0000 + 0x100 * UInt64(cpu + 1)
      for (index, register) in Architecture.aarch64.registers.prefix(33).enumerated() {
        #expect(values[register.name] == first + UInt64(index))
      }
      #expect(values["cpsr"] == 0x4000_03c5)
      #expect(try target.register("pc", of: cpu) == first + 32)
      #expect(try target.register("ttbr0_el1", of: cpu) == nil)
      #expect(target.memory(of: cpu) == nil)
    }
    let memory = try #require(target.physicalMemory)
    #expect(memory.ranges == [PhysicalAddress(0x4008_0000)..<PhysicalAddress(0x4008_2000)])
    #expect(
      try memory.readUnsigned(PhysicalAddress(0x4008_0000), byteCount: 8) == 0x9100_0400_d280_0000)
    #expect(try memory.read(PhysicalAddress(0x4008_1ffc), count: 4) == [0, 0, 0, 0])
    #expect(throws: MemoryError(PhysicalAddress(0x4008_2000), .notInDump)) {
      try memory.read(PhysicalAddress(0x4008_1ffc), count: 5)
    }
    #expect(target.execution == nil && target.breakpoints == nil && target.monitor == nil)
    #expect(throws: TargetError(.refused, "there is no CPU 2 in the dump")) {
      try target.registers(of: 2)
    }
  }

  /// D04: whatever the file is cut to, what is there is right and the rest is known to be missing.
  @Test func everyTruncation() throws {
    let whole = plain.bytes
    for count in 0..<whole.count {
      guard let target = try? CoreTarget(Bytes(whole.prefix(count)), path: "x.core") else {
        #expect(count < whole.count - 16)
        continue
      }
      #expect(target.warnings.contains { $0.contains("the file is cut at \(UInt64(count).hex())") })
      let there = max(0, count - (whole.count - 16))
      let memory = try #require(target.physicalMemory)
      #expect(
        try memory.read(PhysicalAddress(0x4000_0000), count: there) == Array(0..<UInt8(there)))
      let error = MemoryError(
        PhysicalAddress(0x4000_0000 + UInt64(there)), .cutOff(at: UInt64(count)))
      #expect(throws: error) { try memory.read(PhysicalAddress(0x4000_0000), count: 16) }
      #expect(error.description.contains("is not in the dump (file cut at 0x"))
    }
    #expect(try open(plain).warnings.isEmpty)
  }

  @Test func damagedFilesNeverTrap() throws {
    let whole = plain.bytes
    for position in 0..<min(whole.count, 240) {
      for value: UInt8 in [0, 1, 0x7f, 0x80, 0xff] {
        var bytes = whole
        bytes[position] = value
        guard let target = try? CoreTarget(Bytes(bytes), path: "x.core") else { continue }
        for cpu in try target.cpus() { _ = try target.registers(of: cpu.id) }
        _ = try? target.physicalMemory?.read(PhysicalAddress(0x4000_0000), count: 64)
        _ = try? target.memory(of: 0)?.read(Address(.max - 3), count: 64)
      }
    }
  }

  @Test func noDumps() throws {
    #expect(failure([])?.message == "x.core is no dump: not an ELF file (at offset 0x0)")
    #expect(failure(Array("\u{7f}ELF".utf8))?.kind == .cannotConnect)
    var builder = plain
    builder.type = 2
    #expect(
      failure(builder.bytes)
        == TargetError(
          .cannotConnect, "x.core is an executable, not a dump", hint: "give it with -k"))
    builder.type = 1
    #expect(failure(builder.bytes)?.message == "x.core is an ELF file, not a dump")
    builder = plain
    builder.machine = 62
    #expect(
      failure(builder.bytes)
        == TargetError(
          .unsupported, "x.core is a dump of another machine (e_machine 62)",
          hint: "kscope knows aarch64"))
    builder = plain
    builder.loads = []
    #expect(
      failure(builder.bytes)?.message == "no memory in the dump x.core: it has no PT_LOAD segment")
    #expect(failure(Array("KDUMP   etc".utf8))?.message.contains("kdump-compressed") == true)
    #expect(failure(Array("makedumpfile".utf8))?.kind == .unsupported)
    #expect { try CoreTarget.open("/nonexistent/x.core") } throws: {
      ($0 as? TargetError)?.message
        == "cannot open the dump /nonexistent/x.core: No such file or directory"
    }
    #expect { try CoreTarget.open("/tmp") } throws: { ($0 as? TargetError)?.kind == .cannotConnect }
    #expect { try CoreTarget.open("/dev/zero") } throws: {
      ($0 as? TargetError)?.kind == .cannotConnect
    }
  }

  /// D01, D02, D14
  @Test func notes() throws {
    var builder = plain
    builder.addNote("GNU", type: 1, [UInt8](repeating: 7, count: 392))
    builder.addNote("CORE", type: 2, [UInt8](repeating: 7, count: 528))
    builder.addNote("LINUX", type: 1, [UInt8](repeating: 7, count: 392))
    builder.addNote("odd", type: 1, [1])
    builder.addCPU(0)
    builder.addCPU(0x200, byteCount: 200)
    builder.addCPU(0x300)
    builder.addNote("CORE", type: 1, [1, 2, 3], byteCount: 0xffff_ffff)
    builder.addCPU(0x400)
    let target = try open(builder)
    #expect(
      try target.cpus() == [
        CPU(id: 0), CPU(id: 1, detail: "registers not recorded"), CPU(id: 2),
      ])
    #expect(try target.registers(of: 0)["sp"] == 0x100 + 31)
    #expect(try target.registers(of: 1).values.isEmpty)
    #expect(try target.registers(of: 2)["x0"] == 0x300)
    #expect(target.warnings.contains("x.core: 1 CPU notes of a wrong size"))
    #expect(target.warnings.contains { $0.contains("note does not fit") })

    builder = plain
    builder.notes = []
    let empty = try open(builder)
    #expect(try empty.cpus().isEmpty)
    #expect(empty.warnings == ["x.core: no registers of any CPU in it"])

    builder = plain
    for _ in 1..<4096 { builder.addCPU(1) }
    #expect(try open(builder).cpus().count == 4096)
  }

  /// D04, D05
  @Test func segments() throws {
    var builder = CoreBuilder()
    builder.addCPU(1)
    builder.loads = [
      .init(0x2000, [UInt8](repeating: 2, count: 0x1000)),
      .init(0x1000, [UInt8](repeating: 1, count: 0x1800)),
      .init(0x1100, [UInt8](repeating: 9, count: 0x10)),
      .init(0x3000, [3]),
      .init(.max - 3, [4, 5, 6, 7, 8, 9]),
      .init(0x8000, []),
    ]
    builder.loads[5].memoryByteCount = 0x1000
    let memory = try #require(try open(builder).physicalMemory)
    // The lower segment counts where two overlap.
    #expect(try memory.read(PhysicalAddress(0x27ff), count: 2) == [1, 2])
    #expect(try memory.read(PhysicalAddress(0x1100), count: 1) == [1])
    #expect(try memory.read(PhysicalAddress(0x2fff), count: 2) == [2, 3])
    #expect(try memory.read(PhysicalAddress(.max - 3), count: 3) == [4, 5, 6])
    #expect(throws: MemoryError(PhysicalAddress(0x3001), .notInDump)) {
      try memory.read(PhysicalAddress(0x2fff), count: 3)
    }
    // Claimed, but left out of the dump.
    #expect(throws: MemoryError(PhysicalAddress(0x8000), .notInDump)) {
      try memory.read(PhysicalAddress(0x8000), count: 1)
    }
    #expect(
      memory.ranges == [
        PhysicalAddress(0x1000)..<PhysicalAddress(0x3001),
        PhysicalAddress(.max - 3)..<PhysicalAddress(.max),
      ])
    #expect(throws: MemoryError(PhysicalAddress(0), .tooLarge)) {
      try memory.read(PhysicalAddress(0), count: .max)
    }
    #expect(try memory.read(PhysicalAddress(0x5000), count: 0) == [])
  }

  @Test func offsetsThatWrap() throws {
    var builder = plain
    builder.loads[0].offset = .max - 4
    let target = try open(builder)
    #expect(target.warnings.contains { $0.contains("it should end at 0xffffffffffffffff") })
    #expect(throws: MemoryError.self) {
      try target.physicalMemory?.read(PhysicalAddress(0x4000_0000), count: 8)
    }
    builder = plain
    builder.loads[0].fileByteCount = .max
    let large = try #require(try open(builder).physicalMemory)
    #expect(try large.read(PhysicalAddress(0x4000_0000), count: 16) == Array(0..<16))
    #expect(throws: MemoryError.self) { try large.read(PhysicalAddress(0x4000_0000), count: 17) }
  }

  @Test func manySegments() throws {
    var builder = CoreBuilder()
    builder.addCPU(1)
    builder.loads = (0..<60_000).map { .init(UInt64($0) * 0x2000, [UInt8(truncatingIfNeeded: $0)]) }
    let memory = try #require(try open(builder).physicalMemory)
    for index in stride(from: 0, to: 60_000, by: 997) {
      let address = PhysicalAddress(UInt64(index) * 0x2000)
      #expect(try memory.read(address, count: 1) == [UInt8(truncatingIfNeeded: index)])
      #expect(throws: MemoryError.self) { try memory.read(address, count: 2) }
    }
  }

  @Test func virtualMemoryWhereItDiffers() throws {
    var builder = plain
    builder.loads[0].virtual = 0xffff_8000_0000_0000
    let both = try open(builder)
    #expect(
      try both.memory(of: 0)?.read(Address(0xffff_8000_0000_0002), count: 2) == [2, 3])
    #expect(try both.physicalMemory?.read(PhysicalAddress(0x4000_0002), count: 2) == [2, 3])
    // gcore leaves p_paddr zero.
    builder.loads[0].physical = 0
    let user = try open(builder)
    #expect(user.physicalMemory == nil)
    #expect(throws: MemoryError(Address(0xffff_8000_0000_0010), .notInDump)) {
      try user.memory(of: 0)?.read(Address(0xffff_8000_0000_000f), count: 2)
    }
  }
}
