import KernelModel

/// Endpoints with what waits at them: senders, receivers and messages, in one view.
struct IPCCommand: Command {
  let name = "ipc"
  let summary = "endpoints, who waits at them, and queued messages"
  let group = CommandGroup.kernel
  var arguments: ArgumentKind { .fields(.endpoint) }
  let usage = ["ipc [FIELD=VALUE]...", "ipc ENDPOINT"]
  let details = ["Filters are those of 'endpoints'."]
  var repetition: Repetition? { .same }

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    var words = arguments.words
    if words.count == 1, NumberText.unsigned(words[0]) != nil { words = ["id=" + words[0]] }
    let filter = try ObjectFilter(words, kind: .endpoint, command: name)
    let endpoints = try context.objects(.endpoint).filter(filter.accepts)
    let references = Set(endpoints.map(\.reference))
    let messages = try context.objects(.message).filter { message in
      guard case .reference(let reference)? = message.fields["endpoint"]?.value else {
        return message.problem != nil
      }
      return references.contains(reference)
    }
    return try report(endpoints, messages, context)
  }

  private func report(
    _ endpoints: [KernelObject], _ messages: [KernelObject], _ context: CommandContext
  ) throws(CommandError) -> Report {
    var report = Report()
    if endpoints.isEmpty {
      report.notes.append("no endpoints")
    } else {
      let names = ObjectNames(referredToBy: .endpoint, in: context)
      report.add(ObjectTable.table(endpoints, of: .endpoint, names: names))
    }
    let waiting = Self.waiting(endpoints, names: names(in: context))
    if !waiting.rows.isEmpty {
      report.add("")
      report.add(waiting)
    }
    if !messages.isEmpty {
      report.add("")
      let names = ObjectNames(referredToBy: .message, in: context)
      report.add(ObjectTable.table(messages, of: .message, names: names))
    }
    let waits = WaitCycles(in: context)
    report.notes += waits.notes
    report.data = [
      "endpoints": .array(endpoints.map(FieldJSON.object)),
      "messages": .array(messages.map(FieldJSON.object)), "wait_cycles": waits.json,
    ]
    return report
  }

  /// Names of threads, for people; a kernel whose threads cannot be read still shows its endpoints.
  private func names(in context: CommandContext) -> [String: String] {
    guard let threads = try? context.objects(.thread) else { return [:] }
    var names: [String: String] = [:]
    for thread in threads {
      if case .text(let name)? = thread.fields["name"]?.value { names[thread.id] = name }
    }
    return names
  }

  private static func waiting(_ endpoints: [KernelObject], names: [String: String]) -> Table {
    var table = Table([
      .init("endpoint", .right, expendability: 0), .init("waits to"), .init("place", .right),
      .init("thread", .right), .init("name", isElastic: true),
    ])
    for endpoint in endpoints {
      for (field, verb) in [("senders", "send"), ("receivers", "receive")] {
        guard case .list(let waiters)? = endpoint.fields[field]?.value else { continue }
        for (place, waiter) in waiters.enumerated() {
          let id = FieldText.text(waiter, .list)
          table.add([endpoint.id, verb, String(place), id, names[id] ?? ""])
        }
      }
    }
    return table
  }
}
