import Binary
import KernelModel
import Machine

/// Where an answer comes from: paths, types, addresses and bytes.
struct WhyCommand: Command {
  let name = "why"
  let summary = "the evidence behind a field or an expression"
  let group = CommandGroup.kernel
  let usage = ["why KIND ID[.FIELD]", "why EXPRESSION"]
  let details = ["As in 'why endpoint 3.depth', 'why capability 3:0.rights', 'why DOMAIN_MAP'."]
  let takesExpression = true
  let arguments = ArgumentKind.objects

  func run(_ arguments: Arguments, _ context: CommandContext) throws(CommandError) -> Report {
    guard let first = arguments.words.first else {
      throw .usage("why: what?", hint: "as in 'why thread 105.state'")
    }
    if arguments.words.count == 2, let kind = Self.kind(first) {
      return try explain(kind, arguments.words[1], context)
    }
    return try Evaluation(context).explain(arguments.raw)
  }

  private static func kind(_ word: String) -> ObjectKind? {
    let aliases: [String: ObjectKind] = ["cap": .capability, "caps": .capability]
    return ObjectKind.allCases.first { $0.rawValue == word || $0.plural == word } ?? aliases[word]
  }

  private func explain(
    _ kind: ObjectKind, _ place: String, _ context: CommandContext
  ) throws(CommandError) -> Report {
    let parts = place.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let object = try context.object(kind, String(parts[0]))
    var names = kind.fields.map(\.name)
    if parts.count == 2 {
      let name = String(parts[1])
      guard kind.field(name) != nil else {
        let guess = Spelling.nearest(to: name, among: names)
        throw .usage(
          "why: no field '\(name)' in \(kind.plural)",
          hint: guess.map { "did you mean '\($0)'?" }
            ?? "fields: " + names.joined(separator: ", "))
      }
      names = [name]
    }
    return report(object, names, isSingle: parts.count == 2, context)
  }

  private func report(
    _ object: KernelObject, _ names: [String], isSingle: Bool, _ context: CommandContext
  ) -> Report {
    var report = Report()
    var data: [JSON] = []
    for name in names {
      guard let description = object.kind.field(name) else { continue }
      guard let field = object.fields[name] else {
        if isSingle { report.notes.append("\(object.reference) has no \(name) in this kernel") }
        continue
      }
      for line in Self.lines(object, description, field, context) { report.add(line) }
      data.append(Self.json(name, field, context))
    }
    if let problem = object.problem { report.add(Line("! " + problem, .bad)) }
    report.data = ["object": FieldJSON.reference(object.reference), "fields": .array(data)]
    return report
  }

  private static func lines(
    _ object: KernelObject, _ description: FieldDescription, _ field: Field,
    _ context: CommandContext
  ) -> [Line] {
    var lines = [
      Line([
        Span("\(object.reference).\(description.name)", .heading), Span(" = "),
        FieldText.cell(field, description),
      ])
    ]
    switch field.certainty {
    case .certain: lines.append("  certain")
    case .inferred(let rule): lines.append(Line("  inferred: " + rule, .waiting))
    case .unavailable(let reason): lines.append(Line("  unavailable: " + reason, .bad))
    }
    for evidence in field.evidence { lines.append(line(evidence, context)) }
    return lines
  }

  static func line(_ evidence: Evidence, _ context: CommandContext) -> Line {
    var spans = [Span("  from "), Span(evidence.path, .name)]
    if !evidence.type.isEmpty { spans.append(Span(": " + evidence.type)) }
    if let address = evidence.address { spans.append(Span(" at \(address)")) }
    if !evidence.bytes.isEmpty { spans.append(Span(" = " + bytes(evidence.bytes), .dim)) }
    if let source = source(of: evidence, context) { spans.append(Span(" (\(source))", .dim)) }
    return Line(spans)
  }

  /// `05 00 00 00`; at most 16.
  static func bytes(_ bytes: [UInt8]) -> String {
    let shown = bytes.prefix(16).map { String(decoding: Hex.encode([$0]), as: UTF8.self) }
    return shown.joined(separator: " ") + (bytes.count > 16 ? " ..." : "")
  }

  /// Where the bytes of the evidence come from; nil: not from memory.
  private static func source(of evidence: Evidence, _ context: CommandContext) -> Provenance? {
    evidence.address.map {
      context.session.provenance(of: $0, in: Evaluation.space(of: $0, context))
    }
  }

  private static func json(_ name: String, _ field: Field, _ context: CommandContext) -> JSON {
    let (certainty, reason): (String, String?) =
      switch field.certainty {
      case .certain: ("certain", nil)
      case .inferred(let rule): ("inferred", rule)
      case .unavailable(let why): ("unavailable", why)
      }
    return [
      "name": .string(name), "value": FieldJSON.value(field.value),
      "certainty": .string(certainty), "reason": .text(reason),
      "evidence": .array(field.evidence.map { json($0, context) }),
    ]
  }

  static func json(_ evidence: Evidence, _ context: CommandContext) -> JSON {
    [
      "path": .string(evidence.path), "type": .string(evidence.type),
      "address": evidence.address.map { .hex($0.rawValue) } ?? .null,
      "bytes": .string(String(decoding: Hex.encode(evidence.bytes), as: UTF8.self)),
      "source": .text(source(of: evidence, context)?.description),
    ]
  }
}
