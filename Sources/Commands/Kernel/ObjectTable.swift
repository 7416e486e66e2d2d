import KernelModel

/// Objects of one kind as a table: ids first, then the kind's columns in the model's order.
enum ObjectTable {
  /// `omitting` names columns that the view says in another way.
  static func table(
    _ objects: [KernelObject], of kind: ObjectKind, names: ObjectNames = .none,
    omitting: Set<String> = []
  ) -> Table {
    let fields = kind.fields.filter { field in
      !field.isDetail && !omitting.contains(field.name)
        && objects.contains { $0.fields[field.name] != nil }
    }
    let id = Table.Column(kind == .recovery ? "sequence" : kind.rawValue, .right, expendability: 0)
    var table = Table([id] + fields.map { column($0, of: kind) })
    for object in objects {
      let cells = fields.map { FieldText.cell(object.fields[$0.name], $0, names: names) }
      table.rows.append(
        Table.Row([Span(object.id, .heading)] + cells, problem: object.problem))
    }
    return table
  }

  private static func column(_ field: FieldDescription, of kind: ObjectKind) -> Table.Column {
    let isRight: Bool
    switch field.form {
    case .number, .duration, .hex: isRight = true
    case .reference(.cpu), .reference(.space): isRight = true
    // Elsewhere the domain's name stands beside its number.
    case .reference(.domain): isRight = kind == .thread
    default: isRight = false
    }
    return Table.Column(
      field.name, isRight ? .right : .left, expendability: expendability(field.name, kind),
      isElastic: isElastic(field), leastWidth: field.name == "location" ? 20 : 8)
  }

  /// Names, places and lists can be cut; the model's own words are short.
  private static func isElastic(_ field: FieldDescription) -> Bool {
    field.form == .list || ["name", "location", "image", "from"].contains(field.name)
  }

  /// What a narrow terminal does without, first the largest.
  private static func expendability(_ name: String, _ kind: ObjectKind) -> Int {
    let leastImportantFirst: [String] =
      switch kind {
      case .thread: ["priority", "space", "pc", "domain", "cpu", "detail", "blocked_on"]
      case .domain: ["capabilities", "image", "space", "isolation", "threads", "generation"]
      case .capability: ["from", "parent", "badge", "slot", "rights"]
      case .endpoint: ["receivers", "capacity", "owner", "kind"]
      case .recovery:
        [
          "lost", "released_locks", "released_blocks", "time", "frames", "level", "pc", "pads",
          "duration", "thread",
          "location",
        ]
      case .cpu: ["location", "pc"]
      case .space: ["domains", "owner"]
      case .message: ["words", "badge"]
      case .notification: ["owner"]
      case .irq: ["owner"]
      case .lock: ["space"]
      case .ring: []
      case .frame: ["mapped", "pages"]
      case .account: ["notifications", "endpoints", "locks"]
      }
    guard let place = leastImportantFirst.firstIndex(of: name) else { return 1 }
    return leastImportantFirst.count - place + 1
  }
}
