import KernelModel
import Testing

/// Threads as in a table: `id state detail blocked_on domain`.
private func threads(_ text: String) -> [KernelObject] {
  text.split(separator: "\n").map { line in
    let words = line.split(separator: " ").map(String.init)
    var fields: [String: Field] = [
      "state": Field(.text(words[1])),
      "domain": Field(.reference(ObjectReference(.domain, words[4]))),
    ]
    if words[2] != "-" { fields["detail"] = Field(.text(words[2])) }
    let parts = words[3].split(separator: ":").map(String.init)
    if parts.count == 2 {
      fields["blocked_on"] = Field(.reference(ObjectReference(kind: parts[0], id: parts[1])))
    }
    return KernelObject(kind: .thread, id: words[0], fields: fields)
  }
}

private func endpoints(_ owners: [String: String]) -> [KernelObject] {
  owners.map { id, owner in
    KernelObject(
      kind: .endpoint, id: id,
      fields: ["owner": Field(.reference(ObjectReference(.domain, owner)))])
  }
}

private func capability(_ domain: String, _ endpoint: String, _ rights: String) -> KernelObject {
  KernelObject(
    kind: .capability, id: "\(domain):0",
    fields: [
      "domain": Field(.reference(ObjectReference(.domain, domain))),
      "object": Field(.reference(ObjectReference(.endpoint, endpoint))),
      "rights": Field(.text(rights)),
    ])
}

struct WaitGraphTests {
  struct Case: CustomTestStringConvertible {
    let name: String
    let threads: String
    let endpoints: [String: String]
    let expected: [String]
    let stuck: Set<String>
    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "three servers in a ring, and a client that waits for one of them",
      threads: """
        105 blocked reply thread:106 1
        106 blocked reply thread:107 2
        107 blocked send endpoint:5 3
        108 blocked send endpoint:5 4
        109 blocked sleep - 5
        """,
      endpoints: ["5": "1"],
      expected: ["deadlock: thread 105 -> thread 106 -> thread 107 -> endpoint 5 -> thread 105"],
      stuck: ["105", "106", "107", "108"]),
    Case(
      name: "callers of a server that sleeps",
      threads: """
        105 blocked sleep - 1
        106 blocked send endpoint:5 2
        107 blocked reply thread:105 3
        """,
      endpoints: ["5": "1"], expected: [], stuck: []),
    Case(
      name: "a thread that calls itself",
      threads: "105 blocked send endpoint:5 1", endpoints: ["5": "1"],
      expected: ["deadlock: thread 105 -> endpoint 5 -> thread 105"], stuck: ["105"]),
    Case(
      name: "a second thread of the domain can still receive",
      threads: """
        105 blocked reply thread:106 1
        106 blocked send endpoint:5 2
        107 blocked receive endpoint:5 1
        """,
      endpoints: ["5": "1"], expected: [], stuck: []),
    Case(
      name: "two rings",
      threads: """
        11 blocked reply thread:12 1
        12 blocked reply thread:11 2
        9 blocked reply thread:8 3
        8 blocked reply thread:9 4
        """,
      endpoints: [:],
      expected: [
        "deadlock: thread 8 -> thread 9 -> thread 8",
        "deadlock: thread 11 -> thread 12 -> thread 11",
      ],
      stuck: ["8", "9", "11", "12"]),
    Case(
      name: "nobody serves the endpoint: stuck on nothing that is known, so no deadlock is claimed",
      threads: "105 blocked send endpoint:7 1", endpoints: [:], expected: [], stuck: []),
    Case(
      name: "the server is dead",
      threads: """
        105 dead - - 1
        106 blocked reply thread:105 2
        """,
      endpoints: [:], expected: [], stuck: []),
  ]

  @Test(arguments: cases)
  func finds(_ table: Case) {
    let graph = WaitGraph(
      threads: threads(table.threads), endpoints: endpoints(table.endpoints))
    #expect(graph.deadlocks().map(\.description) == table.expected)
    #expect(graph.stuckThreads() == table.stuck)
    #expect(graph.deadlocks().allSatisfy { $0.certainty == .certain })
  }

  @Test func otherReceiversMakeItInferred() {
    let rows = threads(
      """
      105 blocked reply thread:106 1
      106 blocked send endpoint:5 2
      107 running - - 3
      """)
    let endpoints = endpoints(["5": "1"])
    let sure = WaitGraph(
      threads: rows, endpoints: endpoints, capabilities: [capability("3", "5", "s---")])
    #expect(sure.deadlocks().map(\.certainty) == [.certain])
    let unsure = WaitGraph(
      threads: rows, endpoints: endpoints, capabilities: [capability("3", "5", "sr--")])
    #expect(
      unsure.deadlocks().map(\.certainty)
        == [.inferred("other domains have the right to receive there too")])
  }

  @Test func withoutAnOwnerCapabilitiesTell() {
    let rows = threads(
      """
      105 blocked reply thread:106 1
      106 blocked send endpoint:5 2
      101 idle - - 0
      """)
    let graph = WaitGraph(
      threads: rows, endpoints: [],
      capabilities: [capability("1", "5", "-r--"), capability("0", "5", "srgc")])
    #expect(graph.cycles().map(\.count) == [3])
  }

  @Test func wideRingOfTenThousandThreads() {
    let rows = (0..<10_000).map {
      KernelObject(
        kind: .thread, id: "\($0)",
        fields: [
          "state": Field(.text("blocked")),
          "blocked_on": Field(.reference(ObjectReference(.thread, "\(($0 + 1) % 10_000)"))),
        ])
    }
    #expect(WaitGraph(threads: rows, endpoints: []).cycles().map(\.count) == [10_000])
  }
}
