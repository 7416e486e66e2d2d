import Binary
import Machine
import Testing

@testable import RemoteProtocol

extension TargetTests {
  /// The real thing. The program of the tests is written into RAM by the tests themselves.
  @Suite(.enabled(if: QEMUProcess.isAvailable))
  struct QEMUTests {
    /// movz x0, #0; 1: add x0, x0, #1; b 1b
    static let counter: [UInt8] = [
      0x00, 0x00, 0x80, 0xd2, 0x00, 0x04, 0x00, 0x91, 0xff, 0xff, 0xff, 0x17,
    ]
    static let base: UInt64 = 0x4008_0000

    /// Puts the counting loop into RAM and every CPU at its start.
    static func load(_ target: RemoteTarget) throws {
      try target.writeMemory(counter, at: Address(base))
      for cpu in try target.cpus() { try target.writeRegister("pc", value: base, of: cpu.id) }
    }

    @Test(arguments: [false, true])
    func attachesAndReads(overTCP: Bool) throws {
      let qemu = try #require(QEMUProcess(overTCP: overTCP))
      let target = try qemu.attach()
      #expect(target.summary == "QEMU at \(qemu.address)")
      #expect(!target.wasRunningAtAttach)
      #expect(target.warnings.isEmpty)
      #expect(try target.cpus().map(\.id) == [0, 1])
      #expect(try target.cpus()[0].detail.contains("CPU#0"))
      let registers = try target.registers(of: 0)
      #expect(registers.values.count == 34)
      #expect(registers["cpsr"] == 0x4000_03c5)
      #expect(try target.register("currentel", of: 0) == nil)
      #expect(try target.register("id_aa64mmfr0_el1", of: 1) == 0x1122)
      #expect(try target.register("sctlr_el1", of: 0) == target.register("sctlr", of: 0))
      #expect(
        target.registerDescriptions.contains { $0.name == "ttbr1_el1" && $0.group == "system" })
      #expect(
        Set(target.registerDescriptions.map(\.name)).count == target.registerDescriptions.count)
      // The device tree that QEMU puts at the beginning of RAM.
      let memory = try #require(target.memory(of: 0))
      #expect(try memory.read(Address(0x4000_0000), count: 4) == [0xd0, 0x0d, 0xfe, 0xed])
      let tree = try memory.read(Address(0x4000_0000), count: 0x10_000)
      var slowly: [UInt8] = []
      for offset in stride(from: 0, to: 0x10_000, by: 0x400) {
        slowly += try memory.read(Address(0x4000_0000 + UInt64(offset)), count: 0x400)
      }
      #expect(tree == slowly)
      let physical = try #require(target.physicalMemory)
      #expect(
        physical.ranges == [
          PhysicalAddress(0)..<PhysicalAddress(0x800_0000),
          PhysicalAddress(0x4000_0000)..<PhysicalAddress(0x4400_0000),
        ])
      #expect(try physical.read(PhysicalAddress(0x4000_0000), count: 0x10_000) == tree)
      #expect(throws: MemoryError(PhysicalAddress(0x4400_0000), .notMemory)) {
        try physical.read(PhysicalAddress(0x4400_0000), count: 8)
      }
      #expect(throws: MemoryError(PhysicalAddress(0x43ff_fffc), .notMemory)) {
        try physical.read(PhysicalAddress(0x43ff_fffc), count: 8)
      }
      #expect(throws: MemoryError(Address(0xffff_0000_0000_0000), .refused("E14"))) {
        try memory.read(Address(0xffff_0000_0000_0000), count: 8)
      }
      #expect(target.memory(of: 2) == nil)
      #expect(throws: TargetError(.refused, "there is no CPU 7")) { try target.registers(of: 7) }
      #expect(try target.command("info version").contains(where: \.isNumber))
      target.close()
      #expect(throws: TargetError.self) { try target.registers(of: 0) }
      target.close()
    }

    /// The same bytes out of QEMU's own memory as by packets, and nothing but RAM.
    @Test(arguments: [false, true])
    func readsRAMDirectly(overTCP: Bool) throws {
      let qemu = try #require(QEMUProcess(cpus: 1, overTCP: overTCP))
      let target = try qemu.attach()
      defer { target.close() }
      try Self.load(target)
      let direct = try #require(target.physicalMemory)
      let place = PhysicalAddress(0x4000_0000)
      let tree = try direct.read(place, count: 0x20_0000)
      #expect(target.link?.directMemory == "yes, 64 MiB of RAM")
      #expect(direct.provenance(of: place) == .direct)
      let sent = try #require(target.link).sentPacketCount
      #expect(try direct.read(PhysicalAddress(Self.base), count: 12) == Self.counter)
      #expect(target.link?.sentPacketCount == sent)
      // The flash is no RAM: packets go on.
      #expect(try direct.read(PhysicalAddress(0), count: 64).count == 64)
      #expect(target.link?.sentPacketCount != sent)
      #expect(direct.provenance(of: PhysicalAddress(0)) == .live)
      #expect(throws: MemoryError(PhysicalAddress(0x4400_0000), .notMemory)) {
        try direct.read(PhysicalAddress(0x4400_0000), count: 8)
      }

      // What is written is seen at once, and while the guest runs nothing is read.
      try target.writeMemory([1, 2, 3], at: Address(0x4010_0000))
      #expect(try direct.read(PhysicalAddress(0x4010_0000), count: 3) == [1, 2, 3])
      try target.resume(.run)
      #expect(throws: MemoryError.self) { try direct.read(place, count: 4) }
      try target.interrupt()
      _ = try target.waitForStop(seconds: 5)
      target.close()

      var options = RemoteTarget.Options()
      options.allowsDirectMemory = false
      let second = try qemu.attach(options: options)
      defer { second.close() }
      let packets = try #require(second.physicalMemory)
      #expect(try packets.read(place, count: 0x8_0000) == Array(tree[..<0x8_0000]))
      #expect(second.link?.directMemory == "switched off")
    }

    @Test func directMemoryEndsWithQEMU() throws {
      let qemu = try #require(QEMUProcess(cpus: 1))
      let target = try qemu.attach()
      let memory = try #require(target.physicalMemory)
      #expect(try memory.read(PhysicalAddress(0x4000_0000), count: 4) == [0xd0, 0x0d, 0xfe, 0xed])
      qemu.child.terminate(afterSeconds: 0)
      #expect {
        try memory.read(PhysicalAddress(0x4000_0000), count: 4)
      } throws: { error in
        guard case .connectionLost = (error as? MemoryError)?.reason else { return false }
        return true
      }
      #expect(target.loss?.kind == .connectionLost)
    }

    @Test func breakpointsStepsAndStops() throws {
      let qemu = try #require(QEMUProcess())
      let target = try qemu.attach()
      defer { target.close() }
      try Self.load(target)
      #expect(try target.registers(of: 1)["pc"] == Self.base)

      let before = target.stopCount
      // The second CPU is powered off until a kernel starts it; a step of it would never end.
      try target.resume(.step(cpu: 0))
      #expect(target.isRunning)
      #expect(try target.waitForStop(seconds: 5) == StopReason(.trap, cpu: 0))
      #expect(target.stopCount == before + 1)
      #expect(try target.registers(of: 0)["pc"] == Self.base + 4)
      #expect(try target.registers(of: 1)["pc"] == Self.base)

      try target.insert(.software, at: Address(Self.base + 8))
      // Physical mode is sticky in QEMU: it must be off again while the guest runs.
      _ = try target.physicalMemory?.read(PhysicalAddress(0x4000_0000), count: 8)
      try target.resume(.run)
      let stop = try #require(try target.waitForStop(seconds: 5))
      #expect(stop.kind == .trap)
      #expect(try target.registers(of: stop.cpu)["pc"] == Self.base + 8)
      try target.remove(.software, at: Address(Self.base + 8))

      try target.resume(.run)
      #expect(try target.waitForStop(seconds: 0.05) == nil)
      #expect(target.isRunning)
      #expect(throws: TargetError(.refused, "the target is running", hint: "interrupt it first")) {
        try target.registers(of: 0)
      }
      try target.interrupt()
      let interrupted = try #require(try target.waitForStop(seconds: nil))
      #expect(interrupted.kind == .interrupt)
      #expect(try target.registers(of: 0)["x0"] ?? 0 > 1000)
    }

    @Test func theUsersInterruptStopsTheTarget() throws {
      let qemu = try #require(QEMUProcess(cpus: 1))
      let target = try qemu.attach()
      defer { target.close() }
      try Self.load(target)
      try target.resume(.run)
      Interrupt.shared.request()
      #expect(try target.waitForStop(seconds: nil) == StopReason(.interrupt, cpu: 0))
      #expect(!Interrupt.shared.isRequested)
      // While it stands still, an interrupt ends a long read and nothing else.
      Interrupt.shared.request()
      #expect(throws: MemoryError(Address(Self.base), .interrupted)) {
        try target.memory(of: 0)?.read(Address(Self.base), count: 8)
      }
      #expect(Interrupt.shared.clear())
      #expect(try target.memory(of: 0)?.read(Address(Self.base), count: 12) == Self.counter)
    }

    @Test func leavesAStoppedGuestStoppedAndARunningOneRunning() throws {
      let qemu = try #require(QEMUProcess(cpus: 1))
      let first = try qemu.attach()
      try Self.load(first)
      try first.insert(.software, at: Address(Self.base + 8))
      try first.resume(.run)
      #expect(try first.waitForStop(seconds: 5)?.kind == .trap)
      _ = try first.physicalMemory?.read(PhysicalAddress(0x4000_0000), count: 8)
      first.close()

      let second = try qemu.attach()
      #expect(!second.wasRunningAtAttach)
      #expect(try second.command("info status").contains("paused"))
      #expect(try second.registers(of: 0)["pc"] == Self.base + 8)
      // The breakpoint of the first session is gone.
      try second.resume(.run)
      #expect(try second.waitForStop(seconds: 0.1) == nil)
      try second.interrupt()
      _ = try second.waitForStop(seconds: 5)
      _ = try second.command("cont")
      second.session.link.close()

      let third = try qemu.attach()
      #expect(third.wasRunningAtAttach)
      let count = try #require(try third.registers(of: 0)["x0"])
      third.close()

      // It goes on when let go; how soon is up to QEMU.
      var later = count
      for _ in 0..<50 where later <= count {
        let again = try qemu.attach()
        #expect(again.wasRunningAtAttach)
        later = try #require(try again.registers(of: 0)["x0"])
        again.close()
      }
      #expect(later > count)
    }

    @Test func aStubThatEndsIsAnErrorEverAfter() throws {
      let qemu = try #require(QEMUProcess(cpus: 1))
      let target = try qemu.attach()
      qemu.child.terminate(afterSeconds: 0)
      #expect {
        try target.memory(of: 0)?.read(Address(0x4000_0000), count: 8)
      } throws: { error in
        guard case .connectionLost = (error as? MemoryError)?.reason else { return false }
        return true
      }
      for _ in 0..<2 {
        #expect { try target.cpus() } throws: { ($0 as? TargetError)?.kind == .connectionLost }
      }
      #expect { try target.resume(.run) } throws: { ($0 as? TargetError)?.kind == .connectionLost }
      target.close()
    }

    /// SVE and pointer authentication, more exception levels, a memory map full of holes.
    @Test(arguments: [
      ["virt", "-cpu", "max", "-m", "64M"],
      ["virt,virtualization=on,secure=on", "-cpu", "cortex-a57", "-m", "64M"],
      ["raspi3b"],
    ])
    func otherMachines(machine: [String]) throws {
      let qemu = try #require(QEMUProcess(cpus: 4, machine: machine))
      let target = try qemu.attach()
      defer { target.close() }
      #expect(target.warnings.isEmpty)
      #expect(try target.cpus().count == 4)
      #expect(try target.registers(of: 3).values.count == 34)
      #expect(try target.register("ttbr0_el1", of: 3) != nil)
      #expect(try target.register("fpsr", of: 0) == 0)
      let ranges = try #require(target.physicalMemory?.ranges)
      #expect(ranges.contains { $0.upperBound.rawValue - $0.lowerBound.rawValue >= 64 << 20 })
      for range in ranges.prefix(4) {
        #expect(try target.physicalMemory?.read(range.lowerBound, count: 64).count == 64)
      }
    }

    @Test func aGuestThatSwitchesItselfOff() throws {
      let qemu = try #require(QEMUProcess(cpus: 1))
      let target = try qemu.attach()
      defer { target.close() }
      // movz w0, #8; movk w0, #0x8400, lsl #16; hvc #0: PSCI's SYSTEM_OFF.
      let program: [UInt8] = [
        0x00, 0x01, 0x80, 0x52, 0x00, 0x80, 0xb0, 0x72, 0x02, 0x00, 0x00, 0xd4,
      ]
      try target.writeMemory(program, at: Address(Self.base))
      try target.writeRegister("pc", value: Self.base, of: 0)
      try target.resume(.run)
      #expect(try target.waitForStop(seconds: 10) == StopReason(.exited(0), cpu: 0))
      #expect { try target.cpus() } throws: { ($0 as? TargetError)?.kind == .exited }
      #expect { try target.resume(.run) } throws: { ($0 as? TargetError)?.kind == .exited }
    }

    @Test func nothingListens() {
      #expect {
        try RemoteTarget.connect(.unix(path: "/tmp/kscope-test-nobody"))
      } throws: {
        ($0 as? TargetError)?.kind == .cannotConnect && ($0 as? TargetError)?.hint != nil
      }
      #expect {
        try RemoteTarget.connect(.tcp(host: "localhost", port: 1))
      } throws: { ($0 as? TargetError)?.kind == .cannotConnect }
    }
  }
}
