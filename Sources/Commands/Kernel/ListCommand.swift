import KernelModel

/// A view of all objects of one kind, with filters.
struct ListCommand: Command {
  let name: String
  let kind: ObjectKind
  var aliases: [String] = []
  let summary: String

  let group = CommandGroup.kernel
  var arguments: ArgumentKind { .fields(kind) }
  var repetition: Repetition? { .same }
  var usage: [String] { ["\(name) [FIELD=VALUE | FIELD!=VALUE | FIELD~PART]..."] }
  var details: [String] {
    ["Columns and filters:"]
      + kind.fields.map { "  " + $0.name.padded(to: 16) + $0.meaning }
  }

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    let filter = try ObjectFilter(arguments.words, kind: kind, command: name)
    let all = try context.objects(kind)
    let objects = all.filter(filter.accepts)
    var report = Report()
    var members = [JSON.Member(kind.jsonPlural, .array(objects.map(FieldJSON.object)))]
    if objects.isEmpty {
      report.notes.append(all.isEmpty ? "no \(kind.plural)" : "no \(kind.plural) match")
    } else {
      let names = ObjectNames(referredToBy: kind, in: context)
      report.add(ObjectTable.table(objects, of: kind, names: names))
    }
    if kind == .thread {
      let waits = WaitCycles(in: context)
      report.notes += waits.notes
      members.append(.init("wait_cycles", waits.json))
    }
    report.data = .object(members)
    return report
  }
}

extension ObjectKind {
  /// The member of `data` that holds the rows.
  var jsonPlural: String {
    switch self {
    case .frame: "frames"
    case .recovery: "events"
    default: plural
    }
  }
}
