import Foundation
import Testing

/// What a person sees: kscope on the screen of a real terminal emulator (tmux).
@Suite(.serialized) struct TerminalTests {
  private static let prompt = "bramble[halted cpu0] >"

  private func start(
    _ options: [String] = [], cpus: Int = 1, columns: Int = 100,
    environment: [String: String] = [:]
  ) throws -> TmuxTerminal {
    let terminal = try TmuxTerminal(
      [Checkout.kscope, "run"] + Guest.images + options + ["--"]
        + Guest(scenario: "steady", cpus: cpus).qemu(), columns: columns, environment: environment)
    terminal.expectLast(Self.prompt, seconds: 90)
    return terminal
  }

  // MARK: Typing

  @Test func completionOnTheScreen() throws {
    let terminal = try start()
    #expect(terminal.lines.first == "kscope: bramble is ready, and stopped")

    try terminal.type("thr")
    try terminal.press("Tab")
    terminal.expectLast("\(Self.prompt) thread")
    try terminal.type(" 10")
    try terminal.press("Tab")
    terminal.expect("101  102  103  104  105  106  107  108  109")
    terminal.expectLast("\(Self.prompt) thread 10")
    // The name server sleeps when nobody asks it.
    try terminal.press("2", "Enter")
    terminal.expect("thread 102")
    terminal.expectLast("bramble[halted thread 102] >")

    try terminal.enter("cpu 0")
    terminal.expectLast(Self.prompt)
    try terminal.type("p bramble::th")
    try terminal.press("Tab")
    terminal.expectLast("\(Self.prompt) p bramble::thread::")
    try terminal.type("THREAD_M")
    try terminal.press("Tab")
    terminal.expectLast("\(Self.prompt) p bramble::thread::THREAD_MAP")
    try terminal.press("C-c")
    terminal.expectLast(Self.prompt)
    try terminal.type("p $x2")
    try terminal.press("Tab")
    terminal.expect("$x2   $x20  $x21")
    try terminal.press("C-c")
    terminal.expectLast(Self.prompt)
    try terminal.type("threads state=bl")
    try terminal.press("Tab", "Enter")
    terminal.expect("102  name")
    #expect(
      !terminal.lines.contains { $0.hasPrefix("   115  worker-0") },
      "the filter that was completed holds")
  }

  @Test(arguments: [80, 60, 40]) func viewsFitTheTerminal(columns: Int) throws {
    let terminal = try start(columns: columns)
    for view in ["threads", "caps domain=2", "ipc", "domains"] {
      try terminal.clear()
      try terminal.enter(view)
      #expect(terminal.wait { terminal.lines.count > 3 && terminal.lastLine == Self.prompt })
      let lines = terminal.lines.dropFirst().dropLast()
      #expect(lines.allSatisfy { $0.count <= columns })
      // A line that wrapped would show up as a line that does not begin as the others do.
      if view == "threads" {
        let rows = lines.dropFirst().filter { !$0.hasPrefix("(no room for") }
        #expect(rows.count == 17, "\(lines)")
        #expect(rows.allSatisfy { $0.hasPrefix("   1") }, "\(rows)")
      }
      let addresses = lines.joined(separator: " ").components(separatedBy: "0x").dropFirst()
      for address in addresses where view == "threads" {
        let digits = address.prefix { $0.isHexDigit }
        #expect(digits.count == 16, "0x\(address) was cut at \(columns) columns")
      }
    }
    // A terminal that changes its size is asked again.
    try terminal.resize(columns: 120)
    try terminal.clear()
    try terminal.enter("threads")
    #expect(terminal.wait { terminal.lines.count > 3 && terminal.lastLine == Self.prompt })
    #expect(!terminal.lines.contains { $0.hasPrefix("(no room for") })
  }

  @Test func historyOutlivesTheSession() throws {
    let folder = ScratchFolder()
    let core = Checkout.root.appendingPathComponent("Tests/Fixtures/cores/qemu-virt-2-cpus.core")
    let start = {
      try TmuxTerminal(
        [Checkout.kscope, "open", core.path], environment: ["XDG_STATE_HOME": folder.path])
    }
    let first = try start()
    first.expectLast("kscope[dump cpu0] >")
    try first.enter("p 40 + 2")
    first.expect("$1 = 42")
    try first.enter("p 'é'")
    first.expect("$2 = 'é'")
    first.expectLast("kscope[dump cpu0] >")
    try first.press("C-d")
    first.expectEnd(0)
    let attributes = try FileManager.default.attributesOfItem(
      atPath: folder.file("kscope/history"))
    #expect(attributes[.posixPermissions] as? Int == 0o600)

    let second = try start()
    second.expectLast("kscope[dump cpu0] >")
    try second.press("Up")
    second.expectLast("kscope[dump cpu0] > p 'é'")
    try second.press("Up")
    second.expectLast("kscope[dump cpu0] > p 40 + 2")
    try second.press("Enter")
    second.expect("$1 = 42")
    // And by a part of it.
    try second.press("C-r")
    try second.type("40")
    second.expectLast("bck:40")
    #expect(second.lines.dropLast().last == "kscope[dump cpu0] > p 40 + 2")
    try second.press("Enter")
    second.expect("$2 = 42")
    try second.enter("q")
    second.expectEnd(0)
  }

  // MARK: Running and interrupting

  @Test func interruptingLinesCommandsAndTheGuest() throws {
    let terminal = try start()
    try terminal.type("p this is half a line")
    try terminal.press("C-c")
    terminal.expectLast(Self.prompt)

    // An empty line steps again.
    try terminal.clear()
    try terminal.enter("si")
    #expect(terminal.wait { terminal.lines.count == 3 && terminal.lastLine == Self.prompt })
    try terminal.enter("")
    #expect(terminal.wait { terminal.lines.count == 5 && terminal.lastLine == Self.prompt })
    let steps = terminal.lines.filter { $0.hasPrefix("=> 0x") }
    #expect(Set(steps).count == 2, "\(terminal.lines)")

    // Keys typed while the guest runs do not stand in the output; Ctrl-C stops the guest.
    try terminal.clear()
    try terminal.enter("c")
    Thread.sleep(forTimeInterval: 0.5)
    try terminal.type("typed too early")
    Thread.sleep(forTimeInterval: 0.2)
    try terminal.press("C-c")
    terminal.expect("stopped on CPU 0: interrupted", seconds: 5)
    #expect(terminal.wait { terminal.lastLine == Self.prompt })
    #expect(terminal.lines[1] == "stopped on CPU 0: interrupted", "\(terminal.lines)")

    // A command that takes long.
    try terminal.clear()
    try terminal.enter("continue --until-console 'text that never comes'")
    Thread.sleep(forTimeInterval: 0.5)
    try terminal.press("C-c")
    #expect(terminal.wait(seconds: 5) { terminal.lastLine == Self.prompt }, "\(terminal.lines)")
    try terminal.enter("p 6 * 7")
    terminal.expect("= 42")
  }

  @Test func consoleDoesNotGarbleWhatIsTyped() throws {
    let terminal = try start(["--at-reset"])
    try terminal.enter("hbreak bramble::truth::bramble_truth_end")
    terminal.expect("breakpoint 1")
    // The guest writes its truth, then reaches the breakpoint; meanwhile somebody types ahead.
    try terminal.clear()
    try terminal.enter("console -f")
    try terminal.type("p 11 + ")
    let isStopped = terminal.wait(seconds: 60) { terminal.lines.contains("the target is stopped") }
    #expect(isStopped, "\(terminal.lines)")
    #expect(terminal.wait { terminal.lastLine == "\(Self.prompt) p 11 +" }, "\(terminal.lines)")
    let console = terminal.lines.dropFirst().prefix { $0 != "the target is stopped" }
    #expect(console.contains { $0.hasPrefix("truth: end") })
    #expect(!console.contains { $0.contains("p 11") }, "\(console)")
    // The half of a line is a line still.
    try terminal.enter("4")
    terminal.expect("= 15")
  }

  // MARK: Ending

  enum Ending: String, CaseIterable, Sendable { case endOfInput, quit, hangUp, terminate, kill }

  @Test(arguments: Ending.allCases) func guestEndsHoweverKscopeEnds(ending: Ending) throws {
    let folder = ScratchFolder()
    let terminal = try start(["--at-reset"], environment: ["TMPDIR": folder.path])
    let guests = ProcessTable.children(of: terminal.pid)
    #expect(guests.count == 1)
    let expected: Int32
    switch ending {
    case .endOfInput:
      try terminal.press("C-d")
      expected = 0
    case .quit:
      try terminal.enter("quit")
      expected = 0
    case .hangUp:
      kill(terminal.pid, SIGHUP)
      expected = 128 + SIGHUP
    case .terminate:
      kill(terminal.pid, SIGTERM)
      expected = 128 + SIGTERM
    case .kill:
      kill(terminal.pid, SIGKILL)
      expected = 128 + SIGKILL
    }
    terminal.expectEnd(expected)
    for guest in guests {
      #expect(terminal.wait(seconds: 5) { !ProcessTable.isAlive(guest) }, "QEMU lives on")
    }
    if ending != .kill {
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }
  }
}
