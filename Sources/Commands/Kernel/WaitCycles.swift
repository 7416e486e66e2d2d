import KernelModel

/// Threads that wait for one another in a circle.
struct WaitCycles {
  private var cycles: [[ObjectReference]] = []

  init(in context: CommandContext) {}

  /// `deadlock: thread 110 -> endpoint 5 -> thread 111 -> thread 110`.
  var notes: [String] {
    cycles.map { cycle in
      "deadlock: " + (cycle + cycle.prefix(1)).map(\.description).joined(separator: " -> ")
    }
  }

  var json: JSON { .array(cycles.map { .array($0.map(FieldJSON.reference)) }) }
}
