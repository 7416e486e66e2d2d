import Foundation
import TestSupport
import Testing

/// Registers, memory, values, symbols and instructions against gdb, nm, objdump and QEMU's monitor.
@Suite(.serialized) struct ValueTests {
  /// One guest, stopped where it has printed the truth, for all comparisons that need one.
  @Test func aStoppedGuestReadsTheSame() throws {
    let guest = try Emulator(scenario: "steady", cpus: 4)
    _ = try guest.kscope(["tb bramble_truth_end", "c --for 100s"])
    let truth = GuestTruth(console: guest.console)
    try #require(truth.isComplete)
    try registers(guest)
    try systemRegisters(guest)
    try memory(guest)
    try numbers(guest)
    try containers(guest, truth)
  }

  func registers(_ guest: Emulator) throws {
    let answers = try guest.kscope((0..<4).flatMap { ["cpu \($0)", "info registers"] })
    for cpu in 0..<4 {
      let mine = answers[2 * cpu + 1].data["registers"] as? [String: Any] ?? [:]
      let theirs = try guest.registers(of: cpu)
      for index in 0...30 {
        let name = "x" + (index < 10 ? "0" : "") + String(index)
        #expect(number(mine["x\(index)"]) == theirs[name], "x\(index) of CPU \(cpu)")
      }
      #expect(number(mine["sp"]) == theirs["sp"] && theirs["sp"] != nil, "sp of CPU \(cpu)")
      #expect(number(mine["pc"]) == theirs["pc"] && theirs["pc"] != nil, "pc of CPU \(cpu)")
      #expect(number(mine["cpsr"]) == theirs["pstate"], "PSTATE of CPU \(cpu)")
    }
  }

  /// gdb's names are QEMU's.
  static let systemNames = [
    "SCTLR": "sctlr_el1", "VBAR": "vbar_el1", "TTBR0_EL1": "ttbr0_el1", "TTBR1_EL1": "ttbr1_el1",
    "TCR_EL1": "tcr_el1", "MAIR_EL1": "mair_el1", "ESR_EL1": "esr_el1", "FAR_EL1": "far_el1",
    "ELR_EL1": "elr_el1", "SPSR_EL1": "spsr_el1", "SP_EL0": "sp_el0", "TPIDR_EL1": "tpidr_el1",
  ]

  func systemRegisters(_ guest: Emulator) throws {
    let names = Self.systemNames.sorted { $0.key < $1.key }
    let theirs = try guest.gdb(names.map { "printf \"value %lx\\n\", $\($0.key)" })
      .filter { $0.hasPrefix("value ") }
    let mine = try guest.kscope(["cpu 0"] + names.map { "p/x $\($0.value)" }).dropFirst()
    try #require(theirs.count == names.count && mine.count == names.count)
    for ((name, line), answer) in zip(zip(names, theirs), mine) {
      #expect(
        number(answer.data["value"]) == UInt64(line.dropFirst(6), radix: 16), "\(name.key)")
    }
  }

  func memory(_ guest: Emulator) throws {
    let symbols = try FrameChain.symbols(of: Checkout.bramble("bramble"))
    let places = symbols.filter { "bBdDrRtT".contains($0.kind) }
    var random = SeededGenerator(seed: 7)
    let chosen = (0..<40).map { _ in
      places[Int.random(in: 0..<places.count, using: &random)].start & ~7
    }
    let answers = try guest.kscope(chosen.map { "x/6gx \(hex($0))" })
    for (address, answer) in zip(chosen, answers) {
      let mine = (answer.data["values"] as? [String] ?? []).map { number($0) }
      #expect(
        try mine == guest.physicalWords(address &- 0xffff_ff80_0000_0000, count: 6),
        "\(hex(address))")
    }
  }

  /// What both languages can say, and gdb's raw way to the same number.
  static let numbers = [
    ("bramble::truth::TRUTH_END", "bramble::truth::TRUTH_END.v.value.0"),
    ("bramble::memory::KERNEL_ROOT", "bramble::memory::KERNEL_ROOT.v.value.0"),
    (
      "bramble::thread::THREAD_MAP.data.value.length",
      "bramble::thread::THREAD_MAP.data.value.length"
    ),
    (
      "bramble::domain::DOMAIN_MAP.data.value.length",
      "bramble::domain::DOMAIN_MAP.data.value.length"
    ),
    (
      "bramble::ipc::ENDPOINT_MAP.data.value.length", "bramble::ipc::ENDPOINT_MAP.data.value.length"
    ),
    ("bramble::space::SPACE_MAP.data.value.length", "bramble::space::SPACE_MAP.data.value.length"),
    ("&bramble::thread::THREAD_MAP", "&bramble::thread::THREAD_MAP"),
    ("&bramble::cpu::CPUS[2]", "&bramble::cpu::CPUS[2]"),
    ("$sp", "$sp"), ("$pc", "$pc"), ("$x0 + 4 * 3", "$x0 + 4 * 3"),
  ]

  func numbers(_ guest: Emulator) throws {
    let mine = try guest.kscope(["cpu 0"] + Self.numbers.map { "p/x \($0.0)" }).dropFirst()
    let theirs = try guest.gdb(Self.numbers.map { "printf \"value %lx\\n\", \($0.1)" })
      .filter { $0.hasPrefix("value ") }
    try #require(theirs.count == Self.numbers.count, "\(theirs)")
    for ((expression, line), answer) in zip(zip(Self.numbers, theirs), mine) {
      let value = number(answer.data["value"])
      #expect(
        value != nil && value == UInt64(line.dropFirst(6), radix: 16),
        "\(expression.0): \(answer.json)")
    }
  }

  /// Keys and strings against what the guest says of itself.
  func containers(_ guest: Emulator, _ truth: GuestTruth) throws {
    let answer = try #require(try guest.kscope(["p bramble::thread::THREAD_MAP"]).first)
    let entries = answer.data["value"] as? [[Any]] ?? []
    var shown: [String] = []
    for entry in entries {
      let key = (entry.first as? [String: Any])?["value"] as? [Any]
      let text = String(describing: entry.last)
      let name = truth["thread"].first { $0["id"] == (key?.first as? NSNumber)?.stringValue }?[
        "name"]
      #expect(name.map(text.contains) ?? false, "\(String(describing: key))")
      shown.append((key?.first as? NSNumber)?.stringValue ?? "?")
    }
    // A map of many threads is cut after so many parts.
    let expected = truth["thread"].compactMap { $0["id"] }
    #expect(shown.count > 12 && shown == Array(expected.prefix(shown.count)))
  }
}
