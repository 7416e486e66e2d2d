import KernelModel

/// Names of objects, to stand beside their ids in text.
struct ObjectNames {
  static let none = ObjectNames(names: [:])

  private let names: [ObjectReference: String]

  private init(names: [ObjectReference: String]) { self.names = names }

  /// The names of what objects of a kind refer to: only the kinds that its columns name are read. A
  /// kind that cannot be read gives no names, and ids stand alone.
  init(referredToBy kind: ObjectKind, in context: CommandContext) {
    var names: [ObjectReference: String] = [:]
    for other in Self.kinds(referredToBy: kind) {
      for object in (try? context.objects(other)) ?? [] {
        if case .text(let name)? = object.fields["name"]?.value { names[object.reference] = name }
      }
    }
    self.names = names
  }

  subscript(reference: ObjectReference) -> String? { names[reference] }

  private static func kinds(referredToBy kind: ObjectKind) -> [ObjectKind] {
    switch kind {
    case .cpu: [.thread]
    case .thread: [.thread, .endpoint, .notification]
    case .domain, .ring: []
    case .space: [.domain]
    case .capability: [.domain, .thread, .endpoint, .notification]
    case .endpoint: [.domain]
    case .message: [.endpoint, .thread]
    case .notification: [.domain, .thread]
    case .irq: [.domain, .notification]
    case .lock: [.thread]
    case .frame, .account: [.domain]
    case .recovery: [.domain, .thread]
    }
  }
}
