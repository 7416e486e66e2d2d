import Foundation
import Testing

/// Every view against the guest's own word, live and from a dump.
@Suite(.serialized) struct ViewTests {
  /// Kind in the truth lines, command, member of `data`, and what makes the id of a truth row.
  static let views: [(kind: String, command: String, member: String, key: [String])] = [
    ("cpu", "cpus", "cpus", ["id"]),
    ("thread", "threads", "threads", ["id"]),
    ("domain", "domains", "domains", ["id"]),
    ("space", "spaces", "spaces", ["id"]),
    ("capability", "caps", "capabilities", ["domain", "slot"]),
    ("endpoint", "ipc", "endpoints", ["id"]),
    ("message", "ipc", "messages", ["endpoint", "position"]),
    ("notification", "notifications", "notifications", ["id"]),
    ("irq", "irqs", "irqs", ["number"]),
    ("lock", "locks", "locks", ["address"]),
    ("frame", "pages", "frames", ["id"]),
    ("account", "accounts", "accounts", ["domain"]),
    ("ring", "rings", "rings", ["name"]),
    ("recovery", "recovery", "events", ["sequence"]),
  ]

  static var commands: [String] {
    [
      "cpus", "threads", "domains", "spaces", "caps", "ipc", "notifications", "irqs", "locks",
      "pages",
      "accounts", "rings", "recovery",
    ]
  }

  @Test(arguments: Guest.all)
  func agreeWithTheGuestLiveAndFromADump(guest: Guest) throws {
    let folder = ScratchFolder()
    let core = folder.file("core")
    let stacks = (101...107).map { "bt thread \($0)" }
    let live = try guest.run(
      Self.commands + stacks + ["monitor dump-guest-memory \(core)"], options: ["--json"],
      in: folder)
    #expect(live.status == 0, "\(live.errors)")
    let truth = GuestTruth(console: folder.text("serial"))
    try #require(truth.isComplete, "\(folder.text("serial"))")
    try Self.compare(live, with: truth)

    let dump = try run(
      Checkout.kscope,
      ["open", core] + Guest.images + (Self.commands + stacks).flatMap { ["-e", $0] } + ["--json"])
    #expect(dump.status == 0, "\(dump.errors)")
    try Self.compare(dump, with: truth)
    try Self.compareStacks(live, dump)
    #expect(
      try Envelope.all(dump.output).allSatisfy { $0.json["consistency"] as? String == "dump" })
  }

  /// Every stack from the dump is the one that the live target had, to the last frame.
  private static func compareStacks(_ live: Finished, _ dump: Finished) throws {
    let stacks = try [live, dump].map { finished in
      try Envelope.all(finished.output).filter { $0.command == "backtrace" }
        .map { $0.data as NSDictionary }
    }
    #expect(stacks[0].count == 7)
    #expect(stacks[0] == stacks[1])
    #expect(stacks[0].filter { ($0["frames"] as? [Any] ?? []).count > 3 }.count >= 3)
  }

  static func compare(_ finished: Finished, with truth: GuestTruth) throws {
    let envelopes = try Envelope.all(finished.output)
    for view in views {
      let envelope = try #require(envelopes.first { $0.command == view.command }, "\(view.command)")
      #expect(envelope.json["error"] is NSNull, "\(view.command): \(envelope.json)")
      let shown = Dictionary(
        envelope.rows(view.member).map { ($0["id"] as? String ?? "?", $0) },
        uniquingKeysWith: { first, _ in first })
      let expected = truth[view.kind]
      #expect(shown.count == expected.count, "\(view.kind): \(shown.keys.sorted())")
      for row in expected {
        let id = view.key.map { row[$0] ?? "" }.joined(separator: ":")
        guard let object = shown[id] else {
          Issue.record("\(view.kind) \(id) is missing")
          continue
        }
        // The id is not among the fields.
        let rest = view.key.count > 1 ? row : row.filter { $0.key != view.key[0] }
        compare(object, with: rest, of: "\(view.kind) \(id)")
      }
    }
  }

  private static func compare(
    _ object: [String: Any], with row: GuestTruth.Row, of name: String
  ) {
    for (field, word) in row {
      // The guest does not say where its idle threads are.
      if field == "pc", word == "-" { continue }
      #expect(truthSpelling(object[field], field: field) == word, "\(name).\(field)")
    }
  }
}
