import KernelModel

/// Threads that wait for one another in a circle.
struct WaitCycles {
  private let cycles: [WaitGraph.Cycle]

  /// From the rows that can be read; a kernel without endpoints still has waits for replies.
  init(in context: CommandContext) {
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

  /// `deadlock: thread 110 -> endpoint 5 -> thread 111 -> thread 110`.
  var notes: [String] {
    cycles.map { cycle in
      if case .inferred(let rule) = cycle.certainty { return "\(cycle.description) (\(rule))" }
      return cycle.description
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
