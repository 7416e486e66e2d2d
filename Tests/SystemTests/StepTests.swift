import Foundation
import Testing

/// Breakpoints and steps, against gdb on the same deterministic boot and against the images.
@Suite(.serialized) struct StepTests {
  /// One CPU, before the kernel has a timer or another source of interrupts: every boot is the same
  /// to the instruction.
  @Test func singleStepsGoWhereGDBGoes() throws {
    let count = 100
    let address = try symbol("kernel_main", in: "bramble")
    let script = """
      import gdb
      for i in range(\(count)):
          gdb.execute("stepi", to_string=True)
          print("pc %x" % gdb.selected_frame().pc())
      """
    let oracle = try Emulator(scenario: "steady", cpus: 1)
    _ = try oracle.kscope(["tb *\(hex(address))", "c --for 30s"])
    let theirs = try oracle.gdb([], script: script)
      .filter { $0.hasPrefix("pc ") }.map { UInt64($0.dropFirst(3), radix: 16) }
    let guest = try Emulator(scenario: "steady", cpus: 1)
    let answers = try guest.kscope(
      ["tb *\(hex(address))", "c --for 30s"] + Array(repeating: "si", count: count))
    var rest = theirs[...]
    var previous = address
    for (index, answer) in answers.dropFirst(2).enumerated() {
      let pc = try #require(number(answer.place?["address"]))
      if pc == rest.first {
        rest.removeFirst()
      } else {
        // gdb steps from a load-exclusive to behind its store at once (Arm ARM, C4.1.94).
        let word = try guest.virtualWords(previous, count: 1).first ?? 0
        try #require(
          word & 0x3f40_0000 == 0x0840_0000, "step \(index): \(hex(pc)), gdb \(rest.prefix(1))")
      }
      previous = pc
    }
    #expect(theirs.count == count && rest.count < 20)
  }

  @Test func breakpointsAreHitCountedSharedAndLeft() throws {
    let guest = try Emulator(scenario: "steady", cpus: 1)
    let kscope = try Conversation(guest.attachment)
    let address = try symbol("bramble_truth_end", in: "bramble")
    try kscope.send("tb *\(hex(address))")
    #expect(try stop(kscope.send("c --for 60s")) == Stopped(reason: "breakpoint", breakpoints: [1]))
    #expect(
      try kscope.send("info breakpoints").rows("breakpoints").isEmpty, "a temporary one stays")

    // Two at one place: both count, and the other stays when one goes.
    let serve = try kscope.send("b bramble::syscall::serve")
    let place = try #require(number(serve.rows("breakpoints").first?["address"]))
    try kscope.send("b *\(hex(place))")
    for pass in 1...3 {
      let answer = try kscope.send("c --for 60s")
      #expect(stop(answer) == Stopped(reason: "breakpoint", breakpoints: [2, 3]), "pass \(pass)")
      #expect(number(answer.place?["address"]) == place)
      #expect(try guest.registers(of: 0)["pc"] == place)
    }
    try kscope.send("d 2")
    #expect(try stop(kscope.send("c --for 60s")).breakpoints == [3])
    let rows = try kscope.send("info breakpoints").rows("breakpoints")
    #expect(rows.count == 1 && (rows.first?["hits"] as? NSNumber)?.intValue == 4, "\(rows)")
    try kscope.send("d")
    #expect(try stop(kscope.send("c --for 300ms")) == Stopped(reason: "timeout", breakpoints: []))
  }

  @Test func breakpointsInServersAtEL0AreHitThereAndOnlyThere() throws {
    let guest = try Emulator(scenario: "steady", cpus: 4)
    let kscope = try Conversation(guest.attachment)
    try kscope.send("b disk_server::transfer")
    let start = try symbol("transfer", in: "servers", containing: "disk")
    for _ in 0..<3 {
      let answer = try kscope.send("c --for 100s")
      #expect(stop(answer) == Stopped(reason: "breakpoint", breakpoints: [1]))
      let cpu = try #require((answer.data["cpu"] as? NSNumber)?.intValue)
      let registers = try guest.registers(of: cpu)
      let pc = try #require(registers["pc"])
      #expect(pc >= start && pc < start + 64, "\(hex(pc))")
      // PSTATE.M is 0 at EL0.
      #expect(registers["pstate"].map { $0 & 15 } == 0)
      #expect(frames(try kscope.send("bt")).last?.functions == ["_start"])
    }
  }

  @Test func nextGoesOverCalls() throws {
    let guest = try Emulator(scenario: "steady", cpus: 1)
    let kscope = try Conversation(guest.attachment)
    try kscope.send("tb bramble_arch::trap::trap")
    try kscope.send("c --for 60s")
    var calls = 0
    for _ in 0..<400 where calls < 5 {
      let before = try guest.registers(of: 0)
      let pc = try #require(before["pc"])
      let word = try guest.virtualWords(pc, count: 1).first.map { $0 & 0xffff_ffff } ?? 0
      guard word & 0xfc00_0000 == 0x9400_0000 else {
        try kscope.send("si")
        continue
      }
      try kscope.send("ni")
      let after = try guest.registers(of: 0)
      #expect(after["pc"] == pc + 4)
      #expect(after["sp"] == before["sp"])
      calls += 1
    }
    #expect(calls == 5)
    #expect(try kscope.send("info breakpoints").rows("breakpoints").isEmpty)
  }

  @Test func waitsForTimeAndForTheConsole() throws {
    let guest = try Emulator(scenario: "steady", cpus: 1)
    let kscope = try Conversation(guest.attachment)
    let start = Date()
    #expect(try stop(kscope.send("c --for 1s")) == Stopped(reason: "timeout", breakpoints: []))
    let seconds = Date().timeIntervalSince(start)
    #expect(seconds >= 1 && seconds < 6)
    kscope.end()
    let folder = ScratchFolder()
    let finished = try Guest(scenario: "steady", cpus: 1)
      .run(
        ["c --until-console [fs]", "info registers"], options: ["--at-reset", "--json"], in: folder)
    #expect(finished.status == 0, "\(finished.errors)")
    #expect(folder.text("serial").contains("[fs]"))
    #expect(!folder.text("serial").contains("truth: end"), "it ran on far too long")
  }

  private struct Stopped: Equatable {
    var reason: String?
    var breakpoints: [Int]
  }

  private func stop(_ answer: Envelope) -> Stopped {
    Stopped(
      reason: answer.data["reason"] as? String,
      breakpoints: (answer.data["breakpoints"] as? [NSNumber] ?? []).map(\.intValue))
  }

  private func symbol(
    _ name: String, in image: String, containing part: String = ""
  ) throws -> UInt64 {
    let all = try FrameChain.symbols(of: Checkout.bramble(image))
    return try #require(
      all.first { $0.name.hasSuffix(name) && (part.isEmpty || $0.name.contains(part)) }, "\(name)"
    ).start
  }
}
