import KernelModel

/// One object in full, with what belongs to it.
struct DetailCommand: Command {
  let name: String
  let kind: ObjectKind
  var aliases: [String] = []
  let summary: String
  /// Kinds whose objects are listed below, found by the field that names this one.
  var parts: [(kind: ObjectKind, field: String)] = []

  let group = CommandGroup.kernel
  var arguments: ArgumentKind { .ids(kind) }
  var usage: [String] { ["\(name) ID"] }
  var details: [String] {
    ["Fields:"] + kind.fields.map { "  " + $0.name.padded(to: 18) + $0.meaning }
  }

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    guard let id = arguments.words.first, arguments.words.count == 1 else {
      throw .usage("\(name): expected one id", hint: "as in '\(name) 3'")
    }
    let object = try context.object(kind, id)
    return try report(object, context)
  }

  func report(
    _ object: KernelObject, _ context: CommandContext
  ) throws(CommandError) -> Report {
    var report = Report(title: object.reference.description)
    let names = ObjectNames(referredToBy: kind, in: context)
    for line in ObjectDetails.lines(object, names) { report.add(line) }
    var members = [JSON.Member(kind.rawValue, FieldJSON.object(object))]
    for part in parts {
      let objects = try context.objects(part.kind).filter {
        $0.fields[part.field]?.value == .reference(object.reference)
      }
      members.append(.init(part.kind.jsonPlural, .array(objects.map(FieldJSON.object))))
      guard !objects.isEmpty else { continue }
      report.add("")
      report.add(Line(part.kind.plural, .heading))
      report.add(
        ObjectTable.table(
          objects, of: part.kind, names: ObjectNames(referredToBy: part.kind, in: context),
          omitting: [part.field]))
    }
    report.data = .object(members)
    return report
  }
}
