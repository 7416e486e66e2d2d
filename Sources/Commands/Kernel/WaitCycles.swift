import KernelModel

/// Threads that wait for one another in a circle.
struct WaitCycles {
  private let cycles: [WaitGraph.Cycle]
  private let names: ObjectNames

  /// From the rows that can be read; a kernel without endpoints still has waits for replies.
  init(in context: CommandContext) {
    names = ObjectNames(referredToBy: .thread, in: context)
    guard let threads = try? context.objects(.thread) else {
      cycles = []
      return
    }
    let endpoints = (try? context.objects(.endpoint)) ?? []
    let found = WaitGraph(threads: threads, endpoints: endpoints).deadlocks()
    // Where endpoints have owners, capabilities only tell how sure a cycle is: not read without one.
    let isOwned = endpoints.allSatisfy { $0.fields["owner"] != nil }
    guard !found.isEmpty || !isOwned else {
      cycles = []
      return
    }
    let capabilities = (try? context.objects(.capability)) ?? []
    cycles =
      WaitGraph(threads: threads, endpoints: endpoints, capabilities: capabilities).deadlocks()
  }

  /// `deadlock: thread 110 fs -> endpoint 5 disk -> thread 111 disk -> thread 110 fs`.
  var notes: [String] {
    cycles.map { cycle in
      let chain = (cycle.objects + cycle.objects.prefix(1)).map { reference in
        names[reference].map { "\(reference) \($0)" } ?? reference.description
      }
      let note = "deadlock: " + chain.joined(separator: " -> ")
      if case .inferred(let rule) = cycle.certainty { return "\(note) (\(rule))" }
      return note
    }
  }

  var json: JSON {
    .array(
      cycles.map { cycle in
        let members: JSON = .array(cycle.objects.map(FieldJSON.reference))
        guard case .inferred(let rule) = cycle.certainty else { return members }
        return ["value": members, "certainty": "inferred", "reason": .string(rule)]
      })
  }
}
