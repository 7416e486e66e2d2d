import Foundation
import Testing

/// Stubs that are none, and targets that go away.
@Suite(.serialized) struct LostTargetTests {
  // MARK: No stub

  /// A service on a port of its own that says something, or nothing, and then listens.
  private static func service(_ words: String) throws -> (server: Background, port: Int) {
    let script = """
      import socket, sys, time
      server = socket.socket()
      server.bind(("127.0.0.1", 0))
      server.listen(4)
      print(server.getsockname()[1], flush=True)
      words = sys.argv[1].encode().decode("unicode_escape").encode()
      kept = []
      server.settimeout(60)
      while True:
          client, _ = server.accept()
          if words == b"close":
              client.close()
              continue
          client.sendall(words)
          kept.append(client)
      """
    let server = try Background("/usr/bin/env", ["python3", "-c", script, words])
    let isReady = server.wait { server.folder.text("out").hasSuffix("\n") }
    try #require(isReady)
    let port = try #require(Int(server.folder.text("out").dropLast()))
    return (server, port)
  }

  @Test(arguments: [
    ("HTTP/1.0 400 Bad Request\\r\\n\\r\\n", "is not a GDB stub (looks like HTTP)", 3.0),
    ("SSH-2.0-OpenSSH_9.2\\r\\n", "is not a GDB stub (looks like SSH)", 3.0),
    (#"{"QMP": {"version": {}}}\r\n"#, "is not a GDB stub (looks like QMP)", 3.0),
    ("QEMU 7.2 monitor\\r\\n(qemu) ", "is not a GDB stub (looks like a QEMU monitor)", 3.0),
    ("close", "closed the connection before it said anything", 3.0),
    ("", "accepts the connection and says nothing", 15.0),
  ]) func otherServices(words: String, says: String, seconds: Double) throws {
    let (server, port) = try Self.service(words)
    defer { server.kill() }
    let begin = Date()
    let finished = try run(Checkout.kscope, ["attach", "127.0.0.1:\(port)", "-e", "cpus"])
    #expect(Date().timeIntervalSince(begin) < seconds)
    #expect(finished.status == 3)
    #expect(finished.output == "")
    let lines = finished.errors.split(separator: "\n")
    #expect(lines.count == 2, "\(finished.errors)")
    #expect(lines.first?.hasPrefix("kscope: ") == true)
    #expect(finished.errors.contains(says), "\(finished.errors)")
    #expect(lines.last?.hasPrefix("hint: ") == true)
  }

  // MARK: Targets that go away

  @Test func stubThatGoesWhileTheGuestRuns() throws {
    let guest = try RunningGuest(Guest(scenario: "steady", cpus: 1))
    // The shell of the second command kills QEMU while the third one waits.
    let finished = try run(
      Checkout.kscope,
      ["attach", guest.address] + Guest.images
        + Self.commands([
          "cpus", "!(sleep 1; kill -9 \(guest.pid)) >/dev/null 2>&1 &", "continue", "cpus",
          "threads", "bt", "p/x $pc", "x/4x $sp", "stepi", "continue", "monitor info version",
          "help quit",
        ]), seconds: 30)
    #expect(!finished.timedOut)
    #expect(finished.status == 1)
    let envelopes = try Envelope.all(finished.output)
    #expect(
      envelopes.map(\.command) == [
        "cpus", "continue", "cpus", "threads", "backtrace", "print", "x", "stepi", "continue",
        "monitor", "help",
      ])
    #expect(envelopes.first?.json["error"] is NSNull)
    #expect(envelopes.last?.json["error"] is NSNull)
    for envelope in envelopes.dropFirst().dropLast() {
      let error = envelope.json["error"] as? [String: Any]
      let message = error?["message"] as? String
      #expect(message?.contains("is gone") == true, "\(envelope.command): \(envelope.json)")
      #expect(envelope.json["data"] is NSNull)
    }
  }

  @Test func stubThatGoesBetweenCommands() throws {
    let guest = try RunningGuest(Guest(scenario: "steady", cpus: 1))
    let finished = try run(
      Checkout.kscope,
      ["attach", guest.address] + Guest.images
        + Self.commands(["cpus", "!kill -9 \(guest.pid)", "x/64xb $sp", "threads", "stepi"]),
      seconds: 30)
    #expect(!finished.timedOut)
    #expect(finished.status == 1)
    let envelopes = try Envelope.all(finished.output)
    #expect(envelopes.map(\.command) == ["cpus", "x", "threads", "stepi"])
    for envelope in envelopes.dropFirst() {
      #expect(!(envelope.json["error"] is NSNull), "\(envelope.command): \(envelope.json)")
    }
    #expect(finished.errors.contains("is gone"))
  }

  @Test func guestThatEndsItself() throws {
    let finished = try Guest(scenario: "steady", cpus: 1).run(
      ["monitor system_powerdown", "monitor quit", "threads", "stepi"],
      options: ["--json", "--keep-going"], in: ScratchFolder())
    #expect(!finished.timedOut)
    #expect(finished.status == 1)
    // The first command that notices may have something to show; later ones fail.
    let last = try Envelope.all(finished.output).suffix(2)
    for envelope in last {
      let error = envelope.json["error"] as? [String: Any]
      let warnings = envelope.json["warnings"] as? [String] ?? []
      let words = warnings + [error?["message"] as? String ?? ""]
      #expect(words.contains { $0.contains("is gone") }, "\(envelope.json)")
    }
    #expect(!(last.last?.json["error"] is NSNull))
  }

  // MARK: Detaching

  @Test func guestsThatRanRunOn() throws {
    let guest = try RunningGuest(Guest(scenario: "steady", cpus: 1), isReady: false)
    for _ in 0..<2 {
      let finished = try run(
        Checkout.kscope,
        ["attach", guest.address] + Guest.images
          + ["-e", "hb bramble_truth_end", "-e", "p/x $pc"]
      )
      #expect(finished.outputLines.contains { $0.hasPrefix("$1 = 0x") }, "\(finished.errors)")
      #expect(guest.status == "running")
    }
    // It gets to its end undisturbed: a breakpoint left behind would have stopped it.
    #expect(wait(seconds: 60) { guest.truth.isComplete })
    #expect(guest.status == "running")
    let again = try run(Checkout.kscope, ["attach", guest.address, "-e", "cpus"])
    #expect(again.status == 0, "\(again.errors)")
    #expect(guest.status == "running")
  }

  @Test func guestsThatStoodStayStopped() throws {
    let guest = try RunningGuest(
      Guest(scenario: "steady", cpus: 1), isStopped: true, isReady: false)
    for _ in 0..<2 {
      let finished = try run(
        Checkout.kscope, ["attach", guest.address, "-e", "p/x $pc", "-e", "info target"])
      #expect(finished.status == 0, "\(finished.errors)")
      #expect(finished.outputLines.first?.hasSuffix("= 0x40200000") == true, "\(finished.output)")
      #expect(guest.status == "prelaunch" || guest.status == "paused")
    }
  }

  private static func commands(_ lines: [String]) -> [String] {
    ["--json", "--keep-going"] + lines.flatMap { ["-e", $0] }
  }
}

/// A QEMU that is not kscope's, with a stub on a Unix socket; it ends with its owner.
final class RunningGuest {
  private let folder = ScratchFolder()
  private let process: Background

  /// Waits for the socket, and with `isReady` until the guest has told its truth.
  init(_ guest: Guest, isStopped: Bool = false, isReady: Bool = true) throws {
    let command =
      guest.qemu(serial: folder.file("serial")) + (isStopped ? ["-S"] : []) + [
        "-gdb", "unix:\(folder.file("gdb")),server=on,wait=off",
        "-qmp", "unix:\(folder.file("qmp")),server=on,wait=off",
      ]
    process = try Background("/usr/bin/env", command)
    let folder = folder
    try #require(wait { FileManager.default.fileExists(atPath: folder.file("gdb")) })
    if isReady {
      try #require(wait(seconds: 60) { GuestTruth(console: folder.text("serial")).isComplete })
    }
  }

  var pid: Int32 { process.pid }
  var address: String { "unix:" + folder.file("gdb") }
  var truth: GuestTruth { GuestTruth(console: folder.text("serial")) }

  /// What QEMU itself says: `running`, `paused`, `prelaunch`.
  var status: String {
    let script = """
      import json, socket, sys
      peer = socket.socket(socket.AF_UNIX)
      peer.connect(sys.argv[1])
      lines = peer.makefile("rw")
      lines.readline()
      for command in "qmp_capabilities", "query-status":
          lines.write(json.dumps({"execute": command}) + "\\n")
          lines.flush()
          answer = json.loads(lines.readline())
          while "return" not in answer:
              answer = json.loads(lines.readline())
      print(answer["return"]["status"])
      """
    let finished = try? run("/usr/bin/env", ["python3", "-c", script, folder.file("qmp")])
    return finished?.outputLines.first ?? "unknown"
  }
}
