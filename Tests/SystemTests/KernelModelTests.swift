import Foundation
import Testing

/// What only the kernel model says: cycles, evidence, and that there is nothing to say yet.
@Suite(.serialized) struct KernelModelTests {
  /// Three servers of the scenario call one another in a circle, and so do two others; the guest's
  /// own lines tell who.
  @Test(arguments: ["threads", "ipc"]) func deadlocksAreShown(command: String) throws {
    let folder = ScratchFolder()
    let finished = try Guest(scenario: "deadlock", cpus: 1)
      .run([command], options: ["--json"], in: folder)
    #expect(finished.status == 0, "\(finished.errors)")
    let threads = GuestTruth(console: folder.text("serial"))["thread"]
    let expected = [["alpha", "beta", "gamma"], ["delta", "epsilon"]].map { names in
      threads.filter { names.contains($0["name"]) }.compactMap { $0["id"] }.sorted()
    }
    try #require(expected.map(\.count) == [3, 2])
    let cycles = try #require(
      try Envelope.all(finished.output).last?.data["wait_cycles"] as? [[[String: Any]]])
    let members = cycles.map { cycle in
      cycle.filter { $0["kind"] as? String == "thread" }.compactMap { $0["id"] as? String }.sorted()
    }
    #expect(members == expected)
  }

  @Test func noOtherScenarioHasACycle() throws {
    let folder = ScratchFolder()
    let finished = try Guest(scenario: "steady", cpus: 1)
      .run(["threads"], options: ["--json"], in: folder)
    #expect(
      (try Envelope.all(finished.output).last?.data["wait_cycles"] as? [Any])?.isEmpty == true)
  }

  static let fields = [
    "thread 107.state", "thread 107.since", "thread 107.name", "thread 112.blocked_on",
    "thread 113.priority", "endpoint 3.depth", "endpoint 3.senders", "endpoint 1.owner",
    "domain 3.generation", "space 1.root", "capability 3:0.rights",
  ]

  /// The bytes that `why` shows stand at the addresses that it shows.
  @Test func evidenceIsWhatMemoryHas() throws {
    let guest = try Emulator(scenario: "steady", cpus: 1)
    _ = try guest.kscope(["tb bramble_truth_end", "c --for 60s"])
    let answers = try guest.kscope(Self.fields.map { "why \($0)" })
    var shown: [(field: String, address: UInt64, bytes: String)] = []
    for (field, answer) in zip(Self.fields, answers) {
      let fields = answer.rows("fields")
      let evidence = fields.flatMap { $0["evidence"] as? [[String: Any]] ?? [] }
      #expect(!evidence.isEmpty, "\(field): \(answer.json)")
      for item in evidence {
        guard let address = number(item["address"]), let bytes = item["bytes"] as? String else {
          continue
        }
        shown.append((field, address, bytes))
      }
    }
    #expect(shown.count >= Self.fields.count)
    let lines = try guest.gdb(
      shown.flatMap { item in
        ["echo \\nitem\\n", "x/\(item.bytes.count / 2)xb \(hex(item.address))"]
      })
    let theirs = lines.split(separator: "item", omittingEmptySubsequences: false).dropFirst()
      .map { $0.flatMap(gdbBytes).joined() }
    #expect(theirs.count == shown.count)
    for (item, bytes) in zip(shown, theirs) {
      #expect(item.bytes == bytes, "\(item.field) at \(hex(item.address))")
    }
  }

  /// `0xffff... <symbol+12>:\t0x04\t0x00`
  private func gdbBytes(_ line: String) -> [String] {
    line.split(separator: "\t").dropFirst().map { String($0.dropFirst(2)) }
  }

  @Test func beforeTheKernelStartsEveryViewSaysSo() throws {
    let folder = ScratchFolder()
    for view in ["threads", "domains", "spaces", "caps", "ipc", "recovery"] {
      let finished = try Guest(scenario: "steady", cpus: 4)
        .run([view], options: ["--at-reset", "--json", "--batch"], in: folder)
      #expect(finished.status == 1, "\(view): \(finished.status) \(finished.errors)")
      let error = try Envelope.all(finished.output).last?.json["error"] as? [String: Any]
      let message = error?["message"] as? String ?? ""
      #expect(message.contains("not initialised yet"), "\(view): \(message)")
    }
  }
}
