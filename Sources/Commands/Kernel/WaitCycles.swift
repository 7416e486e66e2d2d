import KernelModel

/// Threads that wait for one another in a circle.
struct WaitCycles {
  private let cycles: [WaitGraph.Cycle]

  init(in context: CommandContext) {
    guard let kernel = context.kernel, let threads = try? kernel.objects(of: .thread) else {
      cycles = []
      return
    }
    let endpoints = (try? kernel.objects(of: .endpoint)) ?? []
    let found = WaitGraph(threads: threads, endpoints: endpoints).deadlocks()
    // Capabilities only tell how sure a cycle is: not read where there is none.
    guard !found.isEmpty, let capabilities = try? kernel.objects(of: .capability) else {
      cycles = found
      return
    }
    cycles =
      WaitGraph(threads: threads, endpoints: endpoints, capabilities: capabilities).deadlocks()
  }

  /// `deadlock: thread 110 -> endpoint 5 -> thread 111 -> thread 110`.
  var notes: [String] {
    cycles.map { cycle in
      guard case .inferred(let rule) = cycle.certainty else { return cycle.description }
      return "\(cycle.description) (inferred: \(rule))"
    }
  }

  var json: JSON { .array(cycles.map { .array($0.objects.map(FieldJSON.reference)) }) }
}
